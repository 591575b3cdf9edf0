"""What a ticket is about: the trait of having a title, a priority, a category and tags."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import _
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryOption
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.tag import Tag, TicketTag, refuse_names, tag_names

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket


class Classifying:
    """The trait of being sorted."""

    def rename(self: "Ticket", subject: str, *, by: Actor) -> None:
        """Give it another title; the customer reads it too."""
        if subject == self.subject:
            return
        if self.is_closed:
            raise Refusal(_("The title of a closed ticket cannot be changed."))
        before, self.subject, self.updated_at = self.subject, subject, clock.now()
        self._tell(record("ticket.renamed", on=self, by=by, **{"from": before, "to": subject}))
        db.session.flush()
        SearchDocument.rebuild(self)

    def reprioritise(self: "Ticket", priority: Priority, *, by: Actor) -> None:
        """Change the priority; the clocks take over what was used."""
        if priority == self.priority:
            return
        if self.is_finished:
            raise Refusal(_("The priority of a finished ticket cannot be changed."))
        before, self.priority, self.updated_at = self.priority, priority, clock.now()
        self.tracker.reprioritised(priority, self.status, self.updated_at)
        self._follow_clocks()
        self._tell(record("ticket.reprioritised", on=self, by=by, **{"from": before, "to": priority}))

    def recategorise(self: "Ticket", category: Category | None, *, by: Actor) -> None:
        """Say what it is about. Its priority stays; the policy is the new category's, and what is used is kept."""
        if self.category_id == (category and category.id):
            return
        if self.is_closed:
            raise Refusal(_("The category of a closed ticket cannot be changed."))
        tree = Category.tree()
        if category and not tree.is_open_to(category, self.merchant_id):
            raise Refusal(_("“%(name)s” cannot be chosen for tickets of this store.", name=category.name))
        before, after = (
            {"id": one.id, "name": tree.names(one)} if one else None for one in (self.category, category)
        )
        self.category, self.category_id, self.updated_at = category, category and category.id, clock.now()
        self._govern("category")
        self._tell(record("ticket.recategorised", on=self, by=by, **{"from": before, "to": after}))
        wanted = tree.effective(category, "group_id").value if category else None
        group = Group.working_for(self.merchant_id, wanted)
        if group and self.assignee_id is None and not self.is_finished:
            self.hand_to(group, by=by)  # who has it goes on with it, whatever it is about

    def _govern(self: "Ticket", why: str) -> None:
        """Measure it with the policy that is in force for it now (SLA-004)."""
        wanted = Category.tree().effective(self.category, "policy_id").value if self.category else None
        version = Policy.in_force(wanted, self.merchant.policy_id)
        if version.policy_id != self.tracker.version.policy_id:
            hours = CalendarVersion.newest_of(version.calendar_id)
            self.tracker.governed_by(version, hours, why=why, status=self.status, at=self.updated_at)
            self._follow_clocks()

    def remeasure(
        self: "Ticket", version: PolicyVersion, hours: CalendarVersion | None, *, why: str, by: Actor
    ) -> None:
        """Measure it with another version of its policy or calendar; `why` says of which. Used time is kept."""
        if not self.is_alive:
            return
        old = self._numbers(why), self._deadlines()
        if not self.tracker.governed_by(version, hours, why=why, status=self.status, at=clock.now()):
            return
        self._follow_clocks()
        new = self._numbers(why), self._deadlines()
        named = version.policy if why == "policy" or hours is None else hours.calendar
        said = {"from": old[0], "to": new[0], "called": {"en": named.name_en, "vi": named.name_vi}}
        deadlines = [
            {"kind": kind, "from": old[1].get(kind), "to": new[1].get(kind)} for kind in {**old[1], **new[1]}
        ]
        self._tell(record("ticket.remeasured", on=self, by=by, why=why, deadlines=deadlines, **said))

    def _numbers(self: "Ticket", why: str) -> int:
        hours = self.tracker.calendar_version
        return hours.number if why == "calendar" and hours else self.tracker.version.number

    def _deadlines(self: "Ticket") -> dict[str, str | None]:
        """Kind of clock → when it is due, of the promises that are still open."""
        still = (one for one in self.tracker.promises if one.is_open)
        return {one.kind: one.due_at.isoformat() if one.due_at else None for one in still}

    @property
    def category_options(self: "Ticket") -> list[CategoryOption]:
        """What it can be about: its merchant's categories, and the one that it has. Asked for each time."""
        return Category.tree().options(self.merchant_id, self.category_id)

    def retag(self: "Ticket", names: str | Iterable[str], *, by: Actor) -> None:
        """Give it exactly these tags. Names are taken as they are written; a merged one is the one it stands for.

        Tags are not merged meanwhile. Who holds the ticket's row already has taken this lock before it, as the
        merging does: a ticket that it has to wait for must not wait for it.
        """
        Organizer.lock(shared=True)
        wanted = tag_names(names)
        refuse_names(wanted)
        before = {tag.id: tag for tag in self.tags}
        after = {tag.id: tag for tag in Tag.all_called(wanted)}
        added = [tag for tag in after.values() if tag.id not in before]
        removed = [tag for tag in before.values() if tag.id not in after]
        for tag in added:
            if tag.archived_at:
                raise Refusal(_("The tag “%(name)s” is archived.", name=tag.name))
            TicketTag.put(self.id, tag.id)
        for tag in removed:
            TicketTag.take_off(self.id, tag.id)
        if added or removed:
            self.updated_at, self.version = (
                clock.now(),
                self.version + 1,
            )  # what was seen is another state now
            db.session.flush()
            db.session.expire(self, ["tags"])
            said = {"added": [tag.name for tag in added], "removed": [tag.name for tag in removed]}
            self._tell(record("ticket.tagged", on=self, by=by, **said))
            SearchDocument.rebuild(self)
