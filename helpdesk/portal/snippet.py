"""What a store copies into its own pages, one way each."""

from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.core.i18n import _
from helpdesk.organizers.form_key import ROOM, FormKey


@dataclass(frozen=True)
class Snippet:
    """A piece of HTML, what it is called, and what to know about it."""

    name: str
    title: str
    hint: str
    html: str

    @classmethod
    def all_of(cls, form: FormKey, base_url: str) -> Iterator["Snippet"]:
        """The ways in which a form can be placed."""
        url, script = f"{base_url}/embed/{form.key}", f'<script async src="{base_url}/embed.js"></script>'
        place = f'<div data-helpdesk-form="{form.key}"'
        policy = _(
            "Where the form is to stand. A strict content policy must name this address for scripts and frames: "
            "%(origin)s", origin=base_url,
        )  # fmt: skip
        yield cls("inline", _("In the page"), policy, f"{place}>{ROOM}</div>\n{script}")
        yield cls(
            "button", _("Behind a button"), _("A button in the corner opens the form in a dialog."),
            f'{place} data-mode="button" data-label="{_("Help")}"></div>\n{script}',
        )  # fmt: skip
        yield cls("link", _("A link"), _("Works in mails, too."), f'<a href="{url}">{_("Write to us")}</a>')
        if form.takes_plain:
            hint = _(
                "Looks like your page. The page named by “next” must be on an allowed site; without it our page with "
                "the number is shown."
            )  # fmt: skip
            yield cls("plain", _("A plain HTML form"), hint, _plain(url))


def _plain(url: str) -> str:
    return "\n".join((
        f'<form method="post" action="{url}" enctype="multipart/form-data">',
        f'  <label>{_("Full name")} <input name="name" autocomplete="name" required></label>',
        f'  <label>{_("Email")} <input name="email" type="email" autocomplete="email" required></label>',
        f'  <label>{_("Subject")} <input name="subject" maxlength="200" required></label>',
        f'  <label>{_("What happened?")} <textarea name="description" required></textarea></label>',
        f'  <label>{_("Attach files")} <input name="files" type="file" multiple></label>',
        '  <input name="website" tabindex="-1" autocomplete="off" hidden>',
        f"  <button>{_('Send request')}</button>",
        "</form>",
    ))  # fmt: skip
