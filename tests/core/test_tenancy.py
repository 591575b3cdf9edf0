"""One session serves one organizer: what is not his is not found, and asking outside of one is an error (Q-1)."""

from __future__ import annotations

import pytest
from sqlalchemy import exists, func, select, union_all, update
from sqlalchemy.orm import aliased

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import Membership, User
from helpdesk.core import tenancy
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import OutsideTenant, across_organizers, enter, inside, present_organizer
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from tests.core.deeds import deed
from tests.support.databases import both_databases

OUTSIDE = {
    "select": lambda: db.session.scalars(select(Merchant)).all(),
    "columns": lambda: db.session.execute(select(Merchant.name)).all(),
    "count": lambda: db.session.scalar(select(func.count()).select_from(Merchant)),
    "count of a column": lambda: db.session.scalar(select(func.count(Merchant.id))),
    "exists": lambda: db.session.scalar(select(exists().where(Merchant.id == 1))),
    "get": lambda: db.session.get(Merchant, 1),
    "legacy query": lambda: db.session.query(Merchant).first(),
    "join": lambda: db.session.scalars(select(Organizer).join(Merchant, Merchant.organizer_id == Organizer.id)).all(),
    "subquery": lambda: db.session.scalars(select(Organizer).where(Organizer.id.in_(select(Merchant.id)))).all(),
    "alias": lambda: db.session.scalars(select(aliased(Merchant))).all(),
    "union": lambda: db.session.execute(union_all(select(Merchant.id), select(FormKey.id))).all(),
    "common table": lambda: db.session.execute(select(select(Merchant.id).cte().c.id)).all(),
    "update": lambda: db.session.execute(update(Merchant).values(name="mine")),
    "shipped": lambda: db.session.scalars(select(Policy)).all(),
}  # fmt: skip


def test_Q_1_a_question_outside_of_an_organizer_is_refused(world):
    for name, question in OUTSIDE.items():
        with world.app.app_context(), pytest.raises(OutsideTenant):
            question()
            pytest.fail(name)


def test_Q_1_what_belongs_to_nobody_may_be_asked_for_outside(app, world):
    with app.app_context():
        assert db.session.scalars(select(Organizer.slug).order_by(Organizer.id)).all() == ["acme", "globex"]


GLOB = Merchant.prefix == "GLOB"
NEIGHBOURS = {
    "select": lambda id: db.session.scalars(select(Merchant).where(GLOB)).all(),
    "columns": lambda id: db.session.execute(select(Merchant.name).where(GLOB)).all(),
    "count": lambda id: db.session.scalar(select(func.count()).select_from(Merchant).where(GLOB)),
    "exists": lambda id: db.session.scalar(select(exists().where(GLOB))),
    "get": lambda id: db.session.get(Merchant, id),
    "join": lambda id: db.session.scalars(
        select(Organizer).join(Merchant, Merchant.organizer_id == Organizer.id).where(GLOB)
    ).all(),
    "join from its key": lambda id: db.session.execute(
        select(FormKey.key).join(FormKey.merchant).where(GLOB)
    ).all(),
    "subquery": lambda id: db.session.scalars(
        select(Organizer.slug).where(Organizer.id.in_(select(Merchant.organizer_id).where(GLOB)))
    ).all(),
    "alias": lambda id: [m for m in db.session.scalars(select(aliased(Merchant))) if m.prefix == "GLOB"],
    "union": lambda id: [
        row for row in db.session.execute(union_all(select(Merchant.prefix), select(FormKey.key)))
        if row[0] in ("GLOB", "form-glob")
    ],
    "common table": lambda id: db.session.execute(select(select(Merchant.id).where(GLOB).cte().c.id)).all(),
    "update": lambda id: db.session.execute(update(Merchant).where(GLOB).values(name="mine")).rowcount,
    "scalar subquery": lambda id: db.session.scalar(
        select(select(func.count()).select_from(Merchant).where(GLOB).scalar_subquery())
    ),
}  # fmt: skip


@both_databases
def test_Q_1_a_neighbours_rows_are_not_there(world):
    with world.inside("globex"):
        id = world.one(Merchant, prefix="GLOB").id
    for name, question in NEIGHBOURS.items():
        with world.inside("acme"):
            assert not question(id), name
        with world.inside("globex"):
            assert question(id), name


def test_Q_1_a_relationship_stays_inside(app, world):
    """Even where a row points at the neighbour, which no deed can do, his row is not loaded."""
    with app.app_context(), across_organizers(), transaction():
        glob = db.session.scalars(select(Merchant).where(GLOB)).one()
        acme = world.organizers["acme"]
        bea = db.session.scalars(select(Customer).where(Customer.organizer_id == acme)).first()
        name, bea.merchant_id = bea.name, glob.id
    with world.inside("acme"):
        assert world.one(Customer, name=name).merchant is None


def test_Q_1_a_new_row_is_stamped(world):
    with world.inside("globex"):
        db.session.add(Category(name_en="Own", name_vi="Own", position=3))
    with world.inside("globex"):
        assert world.one(Category, name_en="Own").organizer_id == world.organizers["globex"]
    with world.inside("acme"):
        assert world.count(Category, name_en="Own") == 0


def foreign(world) -> Category:
    return Category(name_en="X", name_vi="X", position=3, organizer_id=world.organizers["globex"])


def test_Q_1_a_row_for_the_neighbour_is_refused(world):
    with pytest.raises(OutsideTenant):
        deed(world, lambda: db.session.add(foreign(world)))


def test_Q_1_a_row_cannot_be_given_to_the_neighbour(world):
    def give_away():
        world.one(Category, name_en="Delivery").organizer_id = world.organizers["globex"]

    with pytest.raises(OutsideTenant):
        deed(world, give_away)


def test_Q_1_a_neighbours_row_cannot_be_written(app, world):
    """Not even one that got into the session on some other way."""

    def rename():
        with across_organizers():
            row = db.session.scalars(select(Merchant).where(GLOB)).one()
        row.name = "Mine now"

    with pytest.raises(OutsideTenant):
        deed(world, rename)


def test_Q_1_a_row_outside_of_an_organizer_is_refused(app, world):
    with app.app_context():
        db.session.add(Category(name_en="X", name_vi="X", position=3))
        with pytest.raises(OutsideTenant):
            db.session.flush()


def test_Q_1_one_session_never_serves_two(app, world):
    acme, globex = world.organizers.values()
    with app.app_context():
        with inside(acme):
            assert present_organizer() == acme
        assert present_organizer() is None
        with inside(acme):
            pass  # the same one again is no other
        with pytest.raises(OutsideTenant, match="two organizers"):
            enter(globex)
        assert present_organizer() is None


def test_Q_1_looking_across_ends(app, world):
    with app.app_context():
        with across_organizers():
            assert len(db.session.scalars(select(Merchant)).all()) == 3
            assert present_organizer() is None
        with pytest.raises(OutsideTenant):
            db.session.scalars(select(Merchant)).all()


def test_Q_1_every_row_has_its_own_conditions(world):
    """The conditions are kept for each organizer: the first one's must not be asked for the next."""
    for _ in range(2):
        for slug, prefixes in {"acme": ["ACME", "BETA"], "globex": ["GLOB"]}.items():
            with world.inside(slug):
                assert db.session.scalars(select(Merchant.prefix).order_by(Merchant.prefix)).all() == prefixes


# Shipped defaults ---------------------------------------------------------------------------------------------


@both_databases
def test_SLA_001_a_shipped_default_is_there_for_everybody(world):
    for slug in world.organizers:
        with world.inside(slug):
            assert db.session.scalars(select(Policy).where(Policy.organizer_id.is_(None))).all()


def test_Q_1_a_shipped_default_cannot_be_written_by_an_organizer(world):
    def rename():
        db.session.scalars(select(Policy).where(Policy.organizer_id.is_(None))).first().name_en = "Mine"

    with pytest.raises(OutsideTenant):
        deed(world, rename)


def test_Q_1_a_shipped_default_cannot_be_changed_by_a_statement(world):
    with world.inside("acme"):
        before = db.session.scalars(select(Policy.name_en).order_by(Policy.id)).all()
        db.session.add(Policy(name_en="Own", name_vi="Own"))
        db.session.flush()
        assert db.session.execute(update(Policy).values(name_en="Mine")).rowcount == 1
    with world.inside("globex"):
        assert db.session.scalars(select(Policy.name_en).order_by(Policy.id)).all() == before


def test_Q_1_every_mapped_row_has_an_owner():
    bare = {
        mapper.class_.__name__
        for mapper in tenancy.Model.registry.mappers
        if not issubclass(mapper.class_, tenancy.Walled | tenancy.Shippable)
    }
    assert bare == {"Organizer"}


def test_Q_1_a_user_sees_his_merchants_only(world):
    with world.inside("acme"):
        gus, mai = world.user("Gus"), world.user("Mai")
        acme, beta = world.one(Merchant, prefix="ACME"), world.one(Merchant, prefix="BETA")
        world.one(Membership, user_id=gus.id, merchant_id=beta.id).deleted_at = beta.created_at
        db.session.flush()
        assert gus.sees_merchant(acme.id)
        assert not gus.sees_merchant(beta.id)
        assert mai.sees_merchant(beta.id)
        glob = acme.id + 2
        assert not mai.sees_merchant(glob)
        assert isinstance(User.find("gil@globex.example"), User)


@both_databases
def test_Q_1_a_question_that_was_asked_for_one_organizer_answers_another_with_his_own(world):
    names = select(Merchant.name).order_by(Merchant.id)  # the very statement, compiled once
    told = []
    for slug in ("acme", "globex", "acme"):
        with world.inside(slug):
            own = db.session.scalars(names).all()
            told.append(own)
            assert {db.session.scalar(select(Merchant.organizer_id))} == {world.organizers[slug]}
    assert told[0] == told[2]
    assert not set(told[0]) & set(told[1])


@both_databases
def test_Q_1_a_session_that_has_asked_for_one_organizer_answers_no_other(world):
    with world.app.app_context(), inside(world.organizers["acme"]), transaction():
        with transaction():  # a session of its own, which has not been told whom it serves
            db.session.scalars(select(Merchant)).all()
        db.session.scalars(select(Merchant)).all()
        with pytest.raises(OutsideTenant), inside(world.organizers["globex"]):
            pass
