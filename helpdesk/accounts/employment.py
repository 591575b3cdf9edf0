"""Somebody's employment: invited, joined, given a role and stores, ended and begun again, by those who may.

Managers invite, change and deactivate agents. Admins do so with everybody, and they alone give roles. The last admin
stays one, and nobody does any of this to himself: he could lock himself out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from helpdesk.accounts.account_link import AccountLink
from helpdesk.accounts.second_factor import SecondFactor
from helpdesk.accounts.user import Membership, User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import record
from helpdesk.core.i18n import _
from helpdesk.core.name_order import by_name
from helpdesk.core.tenancy import present_organizer
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer

PLAIN = ("name", "language", "role")


@dataclass(frozen=True)
class Employment:
    """Of one user. Its deeds lock the organizer: of two admins who demote each other at once, one is refused."""

    user: User

    @classmethod
    def invite(cls, values: dict[str, Any], *, by: User) -> "Employment":
        """A new user who sets his password by a mail. Raises `Refusal` where the address is in use."""
        Organizer.lock()
        _refuse_role(values["role"], by)
        if found := User.find(values["email"]):
            if found.organizer_id == present_organizer():
                raise Refusal(_("%(name)s has this address already.", name=found.name))
            raise Refusal(_("This address cannot be used here. Invite another one."))
        user = User.create_invited(
            name=values["name"], email=values["email"], role=values["role"], language=values["language"]
        )
        user.work_only_for(values["merchant_ids"])
        one = cls(user)
        one._send(by)
        return one

    @classmethod
    def of(cls, user_id: int, *, lock: bool = False) -> "Employment | None":
        """Somebody's, as it is now; with `lock`, until the transaction ends."""
        user = User.to_change(user_id) if lock else db.session.get(User, user_id)
        return cls(user) if user else None

    def may_be_changed(self, by: User) -> bool:
        """Whether somebody may change this one at all: agents by managers, everybody by admins."""
        return by.is_at_least("admin") or (by.is_at_least("manager") and self.user.role == "agent")

    @property
    def state(self) -> str:
        """active, invited, expired (its link was withdrawn or is too old) or inactive."""
        return self.state_with(self.invitation)

    def state_with(self, invitation: AccountLink | None) -> str:
        """The same, for who has the invitation in hand."""
        if self.user.is_active:
            return "active"
        if not self.user.is_invited:
            return "inactive"
        return "invited" if invitation else "expired"

    @property
    def invitation(self) -> AccountLink | None:
        """The link that is good now."""
        if not self.user.is_invited:
            return None
        own = select(AccountLink).where(
            AccountLink.user_id == self.user.id, AccountLink.purpose == "invitation", AccountLink.used_at.is_(None),
            AccountLink.revoked_at.is_(None), AccountLink.expires_at > clock.now(),
        )  # fmt: skip
        return db.session.scalar(own.order_by(AccountLink.id.desc()).limit(1))

    def invite_again(self, *, by: User) -> None:
        """Mail a new link; the old one is worthless."""
        self._check(by)
        if not self.user.is_invited:
            raise Refusal(_("%(name)s has set a password already.", name=self.user.name))
        self._send(by)

    def withdraw(self, *, by: User) -> None:
        """The link is worthless from now on."""
        self._check(by)
        if self.user.is_invited and self.invitation:
            AccountLink.revoke_all(self.user)
            record("user.withdrawn", on=None, by=by, **self._said)

    def values(self) -> dict[str, Any]:
        """What a form shows."""
        links = select(Membership.merchant_id).join(Merchant, Merchant.id == Membership.merchant_id)
        links = links.where(
            Membership.user_id == self.user.id, Membership.deleted_at.is_(None), Merchant.deleted_at.is_(None)
        )
        return {name: getattr(self.user, name) for name in PLAIN} | {
            "merchant_ids": sorted(db.session.scalars(links))
        }

    def change(self, values: dict[str, Any], *, by: User) -> None:
        """Take over values of a form; what is the same stays unsaid. Open pages are checked again at once."""
        self._check(by)
        before = self.values()
        changes = {name: [before[name], new] for name, new in values.items() if before[name] != new}
        if not changes:
            return
        if "role" in changes:
            self._change_role(values["role"], by)
        for name in PLAIN:
            setattr(self.user, name, values.get(name, before[name]))
        if "merchant_ids" in changes:
            self.user.work_only_for(values["merchant_ids"])
        self.user.version += 1
        record("user.changed", on=None, by=by, **self._said, changes=changes)

    def deactivate(self, *, by: User) -> None:
        """End it: he cannot sign in, and every session and socket of his ends now. His tickets are another's care."""
        self._check(by)
        if self.user.id == by.id:
            raise Refusal(_("You cannot deactivate yourself. Ask another administrator."))
        if not self.user.is_active:
            return
        self._refuse_last_admin()
        AccountLink.revoke_all(self.user)
        self.user.deactivate()
        self.user.version += 1
        record("user.deactivated", on=None, by=by, **self._said)

    def reactivate(self, *, by: User) -> None:
        """Begin it again: the same password, role, stores and second factor."""
        self._check(by)
        if self.user.is_invited:
            raise Refusal(_("%(name)s has not joined yet. Send the invitation again.", name=self.user.name))
        if not self.user.is_active:
            self.user.is_active = True
            self.user.version += 1
            record("user.reactivated", on=None, by=by, **self._said)

    def sign_out(self, *, by: User) -> None:
        """End all his sessions and sockets: a device was lost."""
        self._check(by)
        if UserSession.end_all(self.user):
            record("user.signed_out", on=None, by=by, **self._said)

    def reset_factor(self, *, by: User) -> None:
        """He signs in without the device that he lost; where one is required he sets up another."""
        if not by.is_at_least("admin"):
            raise NotAllowed(_("Only administrators can do this."))
        if by.id == self.user.id:
            raise Refusal(_("Switch your own second factor off in your own settings."))
        if factor := SecondFactor.of(self.user.id, lock=True):
            factor.switch_off(self.user, by=by)
            UserSession.end_all(self.user)

    def _send(self, by: User) -> None:
        link = AccountLink.make(self.user, "invitation")
        record("user.invited", on=None, by=by, **self._said, link=link.id)

    def _check(self, by: User) -> None:
        if not self.may_be_changed(by):
            raise NotAllowed(_("Managers change agents only. Ask an administrator."))

    def _change_role(self, role: str, by: User) -> None:
        _refuse_role(role, by)
        if self.user.id == by.id:
            raise Refusal(_("You cannot change your own role. Ask another administrator."))
        if self.user.role == "admin":
            self._refuse_last_admin()
        self.user.role = role
        self.user.rights_changed()

    def _refuse_last_admin(self) -> None:
        others = select(func.count(User.id)).where(
            User.role == "admin", User.is_active, User.id != self.user.id
        )
        if self.user.role == "admin" and self.user.is_active and not db.session.scalar(others):
            raise Refusal(_("%(name)s is the last administrator and has to stay one.", name=self.user.name))

    @property
    def _said(self) -> dict[str, Any]:
        return {"user": self.user.id, "called": self.user.name}


def _refuse_role(role: str, by: User) -> None:
    if role != "agent" and not by.is_at_least("admin"):
        raise NotAllowed(_("Only administrators give this role."))


def everybody() -> Collection[User]:
    """All users of the organizer, those who work here first, by name."""
    people = by_name(db.session.scalars(select(User).order_by(User.id)))
    return sorted(people, key=lambda user: not user.is_active)
