"""Pictures of every mail of the catalogue: `python -m tests.notifications.pictures DIRECTORY [kind …]`.

Each kind in both languages, light and dark, on a computer and on a telephone, as a browser shows them; and one with
its pictures switched off. They are looked at by people.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from itertools import product
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from helpdesk import create_app
from helpdesk.config import ROOT, Config
from helpdesk.core.db import db, transaction
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import inside
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_logo import MailLogo
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.specimen import Specimen
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer

LANGUAGES, SCHEMES, WIDTHS = ("en", "vi"), ("light", "dark"), (600, 360)
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STORES = {"plain": None, "pale": "#f5d76e", "navy": "#14213d", "branded": "#0b7a53"}


def a_logo() -> MailLogo:
    """Dark words on nothing, as most logos are."""
    image, out = Image.new("RGBA", (480, 120)), BytesIO()
    pen = ImageDraw.Draw(image)
    pen.ellipse((8, 12, 104, 108), fill="#0b7a53")
    pen.text((130, 20), "Lantern & Oak", fill="#1a2230", font_size=52)
    image.save(out, "PNG")
    return MailLogo.taken(BytesIO(out.getvalue()))


def an_app(directory: Path) -> Flask:
    """A helpdesk with one store of each look."""
    url = f"sqlite:///{directory / 'mails.sqlite3'}"
    app = create_app(Config(data_dir=directory, database_url=url, secret_key="pictures" * 8, demo=False))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        seed_shipped()
    with app.app_context(), transaction():
        organizer = Organizer(name="Looks", slug="looks")
        db.session.add(organizer)
        db.session.flush()
        with inside(organizer.id):
            for number, (name, colour) in enumerate(STORES.items()):
                store = Merchant(name="Lantern & Oak", prefix=f"S{number}", brand_colour=colour)
                db.session.add(store)
                db.session.flush()
                if name == "branded":
                    sender = MailSender(merchant_id=store.id)
                    sender._wear(a_logo())
                    db.session.add(sender)
    return app


def mails(app: Flask, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """Names and HTML: every kind of the plain store, and one kind of the others."""
    with app.app_context():
        organizer = db.session.query(Organizer).one()
        with inside(organizer.id):
            stores = dict(zip(STORES, db.session.query(Merchant).order_by(Merchant.id), strict=True))
            for key, language in product(KINDS, LANGUAGES):
                if not wanted or key in wanted:
                    looks = STORES if key == "ticket.replied.customer" else ["plain"]
                    for look in looks:
                        written = Specimen(KINDS[key], stores[look]).written(MailTemplate.of(key), language)
                        yield f"{key}-{language}-{look}", written.html(written.sender.logo_url())
                        if look == "branded":
                            yield f"{key}-{language}-no-pictures", written.html("cid:nothing")


def picture(browser: Browser, html: str, scheme: str, width: int, path: Path) -> int:
    """One picture; answers how many pixels the mail is wider than the screen."""
    page = browser.new_page(viewport={"width": width, "height": 400}, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_content(html)
    page.screenshot(path=path, full_page=True)
    wider: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.close()
    return wider


def main(directory: Path, wanted: set[str]) -> None:
    """Take all of them."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for name, html in mails(an_app(Path(place)), wanted):
            for scheme, width in product(SCHEMES, WIDTHS):
                wider = picture(browser, html, scheme, width, directory / f"{name}-{scheme}-{width}.png")
                if wider > 0:
                    print(f"{name}: {wider} pixels too wide for {width}")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
