"""The settings of users: who signs in, invited, changed, deactivated and let in again."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, redirect, request, url_for

from helpdesk.accounts.employment import Employment
from helpdesk.accounts.forms import LANGUAGE_NAMES
from helpdesk.accounts.roles import admin, manager, viewer
from helpdesk.accounts.second_factor import SecondFactor
from helpdesk.accounts.user import ROLE_NAMES, ROLES
from helpdesk.accounts.user_session import UserSession
from helpdesk.agents.settings import clashes, is_stale, settings_page
from helpdesk.core.access import allow
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.i18n import _
from helpdesk.core.memory import once
from helpdesk.core.security import limiter
from helpdesk.office.audit_views import bp
from helpdesk.office.handover import Handover
from helpdesk.office.staff_list import StaffList
from helpdesk.office.user_form import FactorForm, InvitationForm, LeavingForm, UserForm
from helpdesk.organizers.organizer import Organizer

SHOW = "office.users_show"


@bp.get("/settings/users")
@allow(manager)
def users_index() -> Response:
    """Everybody, with state, role and stores."""
    form = FactorForm(data={"factor_from": Organizer.present().factor_from})
    asked = request.args.get("state", "")
    return settings_page(
        "settings/users.html",
        section="users",
        staff=StaffList(),
        state=asked,
        form=form,
        role_names=ROLE_NAMES,
    )


@bp.post("/settings/users/factor")
@allow(admin)
def users_factor_update() -> Response:
    """Say who needs a second factor; he is asked to set it up when he signs in next."""
    form = FactorForm.of_request()
    if not form.validate():
        abort(400)
    Organizer.present().require_factor(form.factor_from.data, by=viewer())
    return redirect(url_for("office.users_index", saved="factor", _anchor="factor"), 303)


@bp.get("/settings/users/new")
@allow(manager)
def users_new() -> Response:
    """Whom to invite."""
    return invitation(offered(InvitationForm()))


@bp.post("/settings/users")
@allow(manager)
@limiter.limit("60 per hour", key_func=lambda: f"invitations:{viewer().id}")
def users_create() -> Response:
    """Invite somebody."""
    form = offered(InvitationForm.of_request())
    if not form.validate():
        return invitation(form, 422)
    try:
        one = Employment.invite(form.values, by=viewer())
    except NotAllowed:
        raise
    except Refusal as refusal:
        form.email.errors = [refusal.message]
        return invitation(form, 409)
    return redirect(url_for("office.users_index", saved=one.user.id), 303)


@bp.get("/settings/users/<id:user_id>")
@allow(manager)
def users_show(user_id: int) -> Response:
    """One of them."""
    return editor(Employment.of(user_id) or abort(404))


@bp.post("/settings/users/<id:user_id>")
@allow(manager)
def users_update(user_id: int) -> Response:
    """Change what is known of him."""
    one = locked(user_id)
    form = offered(UserForm.of_request(role=one.user.role), one)
    if not form.validate():
        return editor(one, form, 422)
    if is_stale(form, one.user) and (found := clashes(words(form.values), words(one.values()))):
        return editor(one, form, 409, clashes=found)
    return done(one, lambda: one.change(form.values, by=viewer()), form)


@bp.post("/settings/users/<id:user_id>/invitation")
@allow(manager)
@limiter.limit("60 per hour", key_func=lambda: f"invitations:{viewer().id}")
def users_invite(user_id: int) -> Response:
    """Mail the invitation again."""
    one = locked(user_id)
    return done(one, lambda: one.invite_again(by=viewer()), saved="invitation")


@bp.post("/settings/users/<id:user_id>/withdrawal")
@allow(manager)
def users_withdraw(user_id: int) -> Response:
    """Make the invitation worthless."""
    one = locked(user_id)
    return done(one, lambda: one.withdraw(by=viewer()), saved="withdrawal")


@bp.post("/settings/users/<id:user_id>/deactivation")
@allow(manager)
def users_deactivate(user_id: int) -> Response:
    """End his work, and see to his tickets."""
    one = locked(user_id)
    handover = Handover(one.user)
    form = LeavingForm.of_request(tickets="keep").offer(user.id for user in handover.colleagues())
    if not form.validate():
        return editor(one, None, 422, leaving_form=form)

    def leave() -> None:
        tickets = handover.begin(form.colleague_id)
        one.deactivate(by=viewer())
        handover.settle(tickets, form.tickets.data, form.colleague_id, by=viewer())

    return done(one, leave, saved="deactivation")


@bp.post("/settings/users/<id:user_id>/reactivation")
@allow(manager)
def users_reactivate(user_id: int) -> Response:
    """Let him work here again."""
    one = locked(user_id)
    return done(one, lambda: one.reactivate(by=viewer()), saved="reactivation")


@bp.post("/settings/users/<id:user_id>/signing-out")
@allow(admin)
def users_sign_out(user_id: int) -> Response:
    """End all his sessions."""
    one = locked(user_id)
    return done(one, lambda: one.sign_out(by=viewer()), saved="sessions")


@bp.post("/settings/users/<id:user_id>/factor-reset")
@allow(admin)
def users_factor_reset(user_id: int) -> Response:
    """Let him sign in without the device that he lost."""
    one = locked(user_id)
    return done(one, lambda: one.reset_factor(by=viewer()), saved="factor")


def locked(user_id: int) -> Employment:
    """One, about to be changed."""
    return Employment.of(user_id, lock=True) or abort(404)


def offered(form: Any, one: Employment | None = None) -> Any:
    """The form, told what can be chosen: roles are the admins' to give, and nobody gives himself one."""
    is_own = one is not None and one.user.id == viewer().id
    present = one.user.role if one else "agent"
    roles = ROLES if viewer().is_at_least("admin") and not is_own else (present,)
    return form.offer(once(StaffList, StaffList.stores), roles)


def words(values: dict[str, Any]) -> list[tuple[str, str]]:
    """A state of the form in words."""
    stores = once(StaffList, StaffList.stores)
    return [
        (_("Name"), values["name"]), (_("Language"), LANGUAGE_NAMES[values["language"]]),
        (_("Role"), str(ROLE_NAMES[values["role"]])),
        (_("Stores"), ", ".join(stores.get(id_, "?") for id_ in values["merchant_ids"])),
    ]  # fmt: skip


def done(
    one: Employment, deed: Callable[[], Any], form: UserForm | None = None, *, saved: str = "user"
) -> Response:
    """Do it and show him again; what the present state does not allow is said on his page, and nothing is kept."""
    try:
        deed()
    except NotAllowed:
        raise
    except Refusal as refusal:
        return editor(one, form, 409, refusal=refusal.message)
    return redirect(url_for(SHOW, user_id=one.user.id, saved=saved), 303)


def invitation(form: InvitationForm, code: int = 200) -> Response:
    """The page of somebody new."""
    return settings_page(
        "settings/user_new.html", section="users", code=code, user=None, form=form,
        stores=once(StaffList, StaffList.stores), role_names=ROLE_NAMES, languages=list(LANGUAGE_NAMES.items()),
    )  # fmt: skip


def editor(one: Employment, form: UserForm | None = None, code: int = 200, **local: Any) -> Response:
    """The page of one user."""
    handover, may_change = Handover(one.user), one.may_be_changed(viewer())
    held = handover.count if may_change and not one.user.is_invited else 0
    shown = {"clashes": [], "refusal": "", "leaving_form": LeavingForm(data={"tickets": "keep"})} | local
    factor, invitation = SecondFactor.of(one.user.id), one.invitation
    return settings_page(
        "settings/user.html", section="users", code=code, user=one.user, state=one.state_with(invitation),
        invitation=invitation, form=form or offered(UserForm.holding(one.values(), version=one.user.version), one),
        stores=once(StaffList, StaffList.stores), role_names=ROLE_NAMES, languages=list(LANGUAGE_NAMES.items()),
        may_change=may_change, held=held, colleagues=handover.colleagues() if held and one.user.is_active else [],
        sessions=UserSession.living_of(one.user) if viewer().is_at_least("admin") else [],
        has_factor=bool(factor and factor.confirmed_at), **shown,
    )  # fmt: skip
