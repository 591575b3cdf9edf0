"""CAT-003: tags are free and written in one way; managers rename and merge them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.tag import Tag, TicketTag, tag_names
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form
from tests.support.seat import Seat


def tagged(world, *sets):
    """One ticket for each set of tags; their ids."""
    made = [world.ticket() for _ in sets]
    for ticket_id, names in zip(made, sets, strict=True):
        with world.inside():
            Organizer.lock(shared=True)
            Ticket.for_deed(ticket_id).retag(names, by=world.user("Gus"))
    return made


def tag_id(world, name):
    with world.inside():
        return world.one(Tag, name=name).id


def tags_of(world, ticket_id):
    with world.inside():
        return [tag.name for tag in Ticket.for_deed(ticket_id).tags]


def merge(world, name, into):
    with world.inside():
        tag = Tag.locked(world.one(Tag, name=name).id)
        tag.merge_into(world.one(Tag, name=into), by=world.user("Mai"))


def test_CAT_003_one_way_of_writing():
    assert tag_names("Đổi Hàng, ĐỔI\u00a0HÀNG,\n a  b ") == ["đổi-hàng", "a-b"]
    assert tag_names(["a,b", "B", ""]) == ["a", "b"]


def test_CAT_003_merging_gives_each_ticket_the_other_tag_once(any_world):
    world = any_world
    only, both, other, freed = tagged(world, "late", "late, delayed", "delayed", "delayed")
    with world.inside():
        Organizer.lock(shared=True)
        Ticket.for_deed(freed).retag("late", by=world.user("Gus"))  # had the other one, before
    merge(world, "late", "delayed")
    assert [tags_of(world, made) for made in (only, both, other, freed)] == [["delayed"]] * 4
    with world.inside():
        old = world.one(Tag, name="late")
        rows = db.session.scalars(select(TicketTag).where(TicketTag.tag_id == old.id)).all()
        assert len(rows) == 3
        assert all(row.removed_at for row in rows)
        events = db.session.scalars(select(Event).where(Event.name.like("tag.%"))).all()
        assert [(event.ticket_id, event.data["tickets"]) for event in events] == [(None, 3)]


def test_CAT_003_a_merged_name_stands_for_the_survivor(world):
    tagged(world, "a, b, c")
    merge(world, "a", "b")
    merge(world, "b", "c")
    (made,) = tagged(world, "A")
    assert tags_of(world, made) == ["c"]
    with world.inside():
        assert Tag.called("a").name == "c"
        assert world.one(Tag, name="a").merged_into_id == world.one(Tag, name="c").id


def test_CAT_003_merging_makes_no_circle(world):
    tagged(world, "a, b")
    merge(world, "a", "b")
    for into in ("a", "b"):
        with pytest.raises(Refusal, match="into itself"):
            merge(world, "b", into)


def test_CAT_003_two_merges_at_once_make_no_circle(any_world):
    world = any_world
    (made,) = tagged(world, "a, b")
    together = Barrier(2)

    def run(pair):
        try:
            with world.inside():
                together.wait()
                tag = Tag.locked(db.session.scalar(select(Tag.id).where(Tag.name == pair[0])))
                if tag is None:
                    return False
                tag.merge_into(Tag.called(pair[1]), by=world.user("Mai"))
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, [("a", "b"), ("b", "a")])) == [False, True]
    assert len(tags_of(world, made)) == 1


def test_CAT_003_a_ticket_tagged_while_tags_are_merged_gets_the_survivor(any_world):
    world = any_world
    tagged(world, "a, b")
    made, together = world.ticket(), Barrier(2)

    def tag():
        with world.inside():
            together.wait()
            Organizer.lock(shared=True)
            Ticket.for_deed(made).retag("a", by=world.user("Gus"))

    def join():
        with world.inside():
            together.wait()
            Tag.locked(world.one(Tag, name="a").id).merge_into(Tag.called("b"), by=world.user("Mai"))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(tag), pool.submit(join)]:
            done.result()
    assert tags_of(world, made) == ["b"]


def test_TKT_008_a_page_from_before_the_merging_of_its_tags_is_outdated(any_world):
    world = any_world
    made, other, untouched = tagged(world, "a", "a, b", "b")
    seat = Seat(world, "Gus")
    with world.inside():
        before = {each: world.one(Ticket, id=each).version for each in (made, other, untouched)}
        heard = world.count(Event, ticket_id=made)
    with world.inside():
        Tag.locked(world.one(Tag, name="a").id).merge_into(Tag.called("b"), by=world.user("Mai"))
    with world.inside():
        after = {each: world.one(Ticket, id=each).version - before[each] for each in before}
        assert after == {made: 1, other: 1, untouched: 0}
        assert world.count(Event, ticket_id=made) == heard, "the tag's own event has the count"
    stale = seat.post("/tickets/ACME-1/tags", tags="a, c", version=before[made])
    assert stale.status_code == 409
    assert tags_of(world, made) == ["b"]
    assert seat.post("/tickets/ACME-3/tags", tags="c", version=before[untouched]).status_code == 303


def test_CAT_003_renaming_keeps_the_tickets(world):
    (made,) = tagged(world, "late")
    mai = Seat(world, "Mai")
    sent = form(mai.get(f"/settings/tags/{tag_id(world, 'late')}"), "/settings/tags/").send(
        mai.client, name=" Too  Late "
    )
    assert sent.status_code == 303
    assert tags_of(world, made) == ["too-late"]
    with world.inside():
        event = db.session.scalars(select(Event).where(Event.name == "tag.renamed")).one()
        assert (event.data["from"], event.data["to"], event.ticket_id) == ("late", "too-late", None)


def test_CAT_003_a_name_that_is_taken_offers_the_merge(world):
    tagged(world, "late", "delayed")
    mai, old = Seat(world, "Mai"), tag_id(world, "late")
    mai.client.set_cookie("lang", "en")
    answer = mai.post(f"/settings/tags/{old}", name="Delayed")
    assert answer.status_code == 409
    assert "There is a tag “delayed” already." in answer.text
    offered = form(answer, "/merge")
    assert offered.fields["into"] == "delayed"
    assert offered.send(mai.client).status_code == 303
    with world.inside():
        assert Tag.called("late").name == "delayed"
    assert mai.get(f"/settings/tags/{old}").status_code == 404  # it has no page of its own any more


def test_CAT_003_an_archived_tag_stays_where_it_is_and_goes_nowhere_else(world):
    first, second = tagged(world, "late", "gift")
    mai, gus = Seat(world, "Mai"), Seat(world, "Gus")
    old = tag_id(world, "late")
    assert mai.post(f"/settings/tags/{old}/archival").status_code == 303
    assert gus.post("/tickets/ACME-1/tags", tags="late, more").status_code == 303
    assert gus.post("/tickets/ACME-2/tags", tags="gift, late").status_code == 409
    assert (tags_of(world, first), tags_of(world, second)) == (["late", "more"], ["gift"])
    assert mai.post(f"/settings/tags/{old}/restoration").status_code == 303
    assert gus.post("/tickets/ACME-2/tags", tags="gift, late").status_code == 303


@pytest.mark.parametrize("name", ["", "  ", "\x00", "a, b", "x" * 41, "\u202e", "x" * 1_000_000])
def test_CAT_003_a_name_that_is_none_changes_nothing(world, name):
    tagged(world, "late")
    answer = Seat(world, "Mai").post(f"/settings/tags/{tag_id(world, 'late')}", name=name)
    assert answer.status_code in (409, 413, 422)
    with world.inside():
        assert world.count(Tag) == 1


def test_CAT_003_merging_into_what_is_not_there_is_said_at_the_field(world):
    tagged(world, "late")
    mai = Seat(world, "Mai")
    mai.client.set_cookie("lang", "en")
    answer = mai.post(f"/settings/tags/{tag_id(world, 'late')}/merge", into="nothing")
    assert answer.status_code == 422
    assert "There is no tag with this name." in answer.text
    assert form(answer, "/merge").fields["into"] == "nothing"
