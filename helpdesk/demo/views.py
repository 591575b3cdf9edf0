"""The pages of the demo: the shop, a site of its own that embeds the form, and the local mailbox."""

from flask import Blueprint, Response, abort, redirect, request, url_for

from helpdesk.config import current_config
from helpdesk.core.access import allow, anyone
from helpdesk.core.i18n import language
from helpdesk.core.pages import asset, page
from helpdesk.core.security import loosen
from helpdesk.core.tenancy import enter
from helpdesk.demo.kept_mail import KeptMail
from helpdesk.demo.shop_server import ShopServer
from helpdesk.organizers.form_key import FormKey

bp = Blueprint("demo", __name__)
FORM_KEYS = ("demo-acme", "demo-beta")
OF_THE_SHOP = ("demo.shop_show", "static")


def _is_shop() -> bool:
    """Whether the request came in by the shop's own port. The Host header is not asked: anybody writes it."""
    return request.environ.get("SERVER_PORT") == str(current_config().shop_port)


@bp.before_app_request
def _only_the_shop() -> None:
    """The shop is another site: nothing of the helpdesk is there."""
    if _is_shop() and request.endpoint not in OF_THE_SHOP:
        abort(404)


@bp.get("/dev/shop")
@allow(anyone)
def shop_show() -> Response:
    """A merchant's page with the form in it; with `?customer=1` somebody is signed in to the shop."""
    config = current_config()
    if config.shop_origin and not _is_shop():
        asked = {name: request.args[name] for name in ("lang", "customer") if request.args.get(name)}
        path = url_for("demo.shop_show", **asked)
        return redirect(f"{config.shop_origin}{path}", 302)
    forms = [form for key in FORM_KEYS if (form := FormKey.find(key))]
    if not forms:
        abort(404)
    enter(forms[0].organizer_id)
    loosen(
        script_src=f"'self' {config.origin}", frame_src=config.origin, form_action=f"'self' {config.origin}"
    )
    return page("demo/shop.html", forms=forms, base_url=config.base_url, **_shown(forms[0]))


def _shown(form: FormKey) -> dict[str, object]:
    """Who is signed in to the shop, where its other language is, and the script in the version that is served."""
    customer = request.args.get("customer")
    version = asset("js/embed.js").partition("?v=")[2]
    return {
        "server": ShopServer(form) if customer else None,
        "other_url": url_for("demo.shop_show", lang="en" if language() == "vi" else "vi", customer=customer),
        "script_url": f"{current_config().base_url}/embed.js?v={version}",
    }


@bp.get("/dev/mail")
@allow(anyone)
def mail_index() -> Response:
    """Every mail that would have left this machine."""
    return page("demo/mail.html", mails=KeptMail.newest())


@bp.get("/dev/mail/<key>")
@allow(anyone)
def mail_show(key: str) -> Response:
    """One mail."""
    mail = KeptMail.find(key) or abort(404)
    loosen(frame_src="'self'")
    html_url = url_for("demo.mail_html", key=key) if mail.html else None
    return page("demo/mail_show.html", mail=mail, html_url=html_url)


@bp.get("/dev/mail/<key>/html")
@allow(anyone)
def mail_html(key: str) -> Response:
    """Its HTML as a mail reader shows it: no scripts, nothing from elsewhere; links open outside the frame."""
    mail = KeptMail.find(key) or abort(404)
    loosen(
        default_src="'none'", style_src="'unsafe-inline'", img_src="data:", frame_ancestors="'self'",
        sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    )  # fmt: skip
    return Response(f'<base target="_top">{mail.html or ""}', mimetype="text/html")
