"""NTF-002, C7: how mails look and who signs them: one link, images off, dark, any store's colour, hostile words."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from helpdesk.core.errors import Refusal
from helpdesk.notifications.brand_colour import SHAPES, WORDS, BrandColour, contrast
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_logo import MOST_BYTES, MOST_UPLOAD, MailLogo
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.specimen import Specimen
from helpdesk.organizers.merchant import Merchant
from tests.notifications.post import BEA, Post
from tests.notifications.sink import parts
from tests.support.page import read
from tests.support.seat import Seat
from tests.support.world import World

SENDER = "/settings/templates/sender"


def picture(kind: str = "PNG", size: tuple[int, int] = (800, 200), mode: str = "RGB", **options) -> BytesIO:
    out = BytesIO()
    Image.effect_noise(size, 90).convert(mode).save(out, kind, **options)
    return BytesIO(out.getvalue())


def store_id(world: World, prefix: str = "ACME", slug: str = "acme") -> int:
    with world.inside(slug):
        return world.one(Merchant, prefix=prefix).id


def sign(world: World, **values) -> None:
    with world.inside():
        store = world.one(Merchant, prefix="ACME")
        said = {"name": "", "reply_to": "", "brand_colour": ""} | values
        MailSender.of(store, lock=True).change(store, said, by=world.user("Mai"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "vi"])
def test_C7_a_mail_has_one_button_and_loads_nothing(app, world, kind, language):
    with world.inside():
        shop = world.one(Merchant, prefix="ACME")
        written = Specimen(KINDS[kind], shop).written(MailTemplate.of(kind), language)
        html, text = written.html(), written.text
    page = read(html)
    links = [a["href"] for a in page.all("a")]
    assert links == [written.link, *([written.unsubscribe] if written.unsubscribe else [])]
    assert not [e for e in page.all() if e.tag in ("img", "script", "link", "iframe", "form")]
    assert "url(" not in html
    assert "@import" not in html
    assert "prefers-color-scheme: dark" in html
    assert all(table["role"] == "presentation" for table in page.all("table"))
    assert text.count(written.link) == 1
    assert written.glimpse
    assert written.glimpse in page.text
    assert len(html) < 100_000, "or mail programs cut it off"


def test_C7_the_glimpse_of_the_first_mail_says_nothing_of_the_submitter(post: Post) -> None:
    post.ticket(subject="BUY-NOW", body="at evil.test")
    (mail,) = post.sent_to(BEA)
    assert "BUY-NOW" not in str(mail)
    assert not {"BUY-NOW", "evil.test"} & set(re.split(r"[\s<>]", parts(mail)[1]))


def test_NTF_004_a_store_signs_with_its_name_address_and_logo(post: Post) -> None:
    sign(
        post,
        name="Hoa & Co",
        reply_to="hello@hoa.example",
        brand_colour="#0b7a53",
        logo=MailLogo.taken(picture()),
    )
    post.ticket()
    (mail,) = post.sent_to(BEA)
    assert mail["From"].addresses[0].display_name == "Hoa & Co"
    assert [a.addr_spec for a in mail["From"].addresses] == ["helpdesk@localhost.localdomain"]
    assert mail["Reply-To"] == "hello@hoa.example"
    html = parts(mail)[1]
    (image,) = read(html).all("img")
    assert (image["src"], image["alt"]) == ("cid:logo@helpdesk", "Hoa & Co")
    (inline,) = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert inline["Content-ID"] == "<logo@helpdesk>"
    assert inline.get_content_disposition() == "inline"
    assert Image.open(BytesIO(inline.get_content())).size <= (400, 120)
    assert "#0b7a53" in html
    assert mail.as_bytes().isascii()
    assert post.sink.mails[0][0] == [BEA], "and nobody else"


def test_NTF_004_a_store_that_chose_nothing_sends_under_its_name(post: Post) -> None:
    post.ticket()
    (mail,) = post.sent_to(BEA)
    assert mail["Reply-To"] is None
    assert mail["From"].addresses[0].display_name == "Acme Shop"
    assert not [part for part in mail.walk() if part.get_content_maintype() == "image"]


@pytest.mark.parametrize(
    "colour",
    ["#ffffff", "#000000", "#777777", "#ff0000", "#ffff00", "#14213d", "#2c52cc", "#00ff00", "#8a8a8a"],
)
def test_C7_words_on_every_colour_can_be_read(colour):
    brand = BrandColour.of(colour)
    assert brand.of_words >= WORDS
    assert contrast(brand.edge, "#ffffff") >= SHAPES
    assert contrast(brand.dark_edge, "#191f28") >= SHAPES


@pytest.mark.parametrize("colour", [None, "", "red", "#12", "#12345g", "url(x)", "#ffffff;x", "\u202e"])
def test_C7_what_is_no_colour_is_the_plain_one(colour):
    assert BrandColour.of(colour).value == "#2c52cc"


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK")],
)
@pytest.mark.parametrize("size", [(1, 1), (30, 30), (400, 120), (3000, 40), (40, 3000)])
def test_NTF_004_a_logo_is_made_small_and_written_anew(kind, mode, size):
    logo = MailLogo.taken(picture(kind, size, mode))
    assert len(logo.content) <= MOST_BYTES
    made = Image.open(BytesIO(logo.content))
    assert (made.format, made.size) == (kind, (logo.width, logo.height))
    assert logo.width <= 400
    assert logo.height <= 120
    assert 1 <= logo.shown[0] <= 200
    assert 1 <= logo.shown[1] <= 60


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"<svg onload=alert(1)>",
        b"\x89PNG\r\n\x1a\n",
        picture("GIF").getvalue(),
        picture("WEBP").getvalue(),
        picture().getvalue()[:900],
    ],
)
def test_NTF_004_what_is_no_picture_is_refused_in_words(app, content):
    with app.app_context(), pytest.raises(Refusal) as refusal:
        MailLogo.taken(BytesIO(content))
    assert "PNG" in refusal.value.message


def test_NTF_004_a_logo_of_any_size_is_not_taken(app):
    with app.app_context(), pytest.raises(Refusal, match="2 MB"):
        MailLogo.taken(BytesIO(b"x" * (MOST_UPLOAD + 1)))


def test_NTF_004_what_a_camera_writes_beside_a_logo_is_left_out():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    logo = MailLogo.taken(picture("JPEG", exif=exif))
    assert b"taken at home" not in logo.content


# The pages ----------------------------------------------------------------------------------------------------


def page_of(world: World) -> str:
    return f"{SENDER}/{store_id(world)}"


def test_NTF_004_the_page_of_a_store(world):
    mai, page = Seat(world, "Mai"), page_of(world)
    assert {a["href"] for a in read(mai.get(SENDER)).all("a", class_="settings-link")} == {
        page, f"{SENDER}/{store_id(world, 'BETA')}",
    }  # fmt: skip
    answer = mai.client.post(page, data={
        "csrf_token": mai._token, "version": "0", "name": "  Hoa  ", "reply_to": "Hello@Hoa.Example",
        "brand_colour": "#FFEE88", "logo": (picture(), "logo.png"),
    })  # fmt: skip
    assert answer.status_code == 303
    shown = mai.get(f"{page}?lang=en&saved=1")
    assert "data:image/png;base64," in shown.text
    assert "#ffee88" in shown.text
    assert "darker line" in shown.text
    with world.inside():
        sender = MailSender.of(world.one(Merchant, prefix="ACME"))
        assert (sender.name, sender.reply_to, sender.version) == ("Hoa", "Hello@hoa.example".lower(), 1)
    assert mai.post(page, version="1", name="Hoa", without_logo="y").status_code == 303
    assert "data:image" not in mai.get(page).text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("reply_to", "x", "name@example.com"), ("reply_to", "a@b.example, c@d.example", "name@example.com"),
     ("reply_to", "lần@hoa.example", "name@example.com"),
     ("reply_to", "a@b.example\r\nBcc: c@d.example", "name@example.com"),
     ("name", "x" * 101, "100"), ("brand_colour", "red", "#2c52cc"), ("brand_colour", "#2c52cc\nx", "#2c52cc"),
     ("brand_colour", "#12345é", "#2c52cc"), ("logo", b"no picture", "PNG or JPEG")],
)  # fmt: skip
def test_NTF_004_what_cannot_be_is_said_and_nothing_is_lost(world, field, value, said):
    mai, page = Seat(world, "Mai"), page_of(world)
    data = {"name": "Kept", "reply_to": "kept@hoa.example", "brand_colour": "#123456"}
    data |= {field: (BytesIO(value), "x.png") if field == "logo" else value}
    answer = mai.client.post(f"{page}?lang=en", data=data | {"csrf_token": mai._token})
    assert answer.status_code == 422
    assert said in answer.text
    assert ("Kept" in answer.text) or field == "name"
    with world.inside():
        assert MailSender.by_merchant() == {}


def test_NTF_004_an_older_form_of_a_store_is_told_so(world):
    mai, page = Seat(world, "Mai"), page_of(world)
    mai.post(page, version="0", name="First")
    answer = mai.post(page, version="0", name="Second")
    assert answer.status_code == 409
    assert [c.text for c in read(answer).all("td", class_="clash-text")] == ["Second", "First"]
    assert mai.post(page, version="1", name="Second").status_code == 303


@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?q?a=0D=0ABcc:_eve@evil.test?=",
        "a\r\nBcc: eve@evil.test",
        "a\u2028b",
        'x" <eve@evil.test>',
        "<script>",
        "\u202egpj",
    ],
)
def test_V1_3_11_a_senders_name_makes_no_header(post: Post, name: str) -> None:
    assert Seat(post, "Mai").post(page_of(post), name=name).status_code == 303
    post.ticket()
    (mail,) = post.sent_to(BEA)
    assert [a.addr_spec for a in mail["From"].addresses] == ["helpdesk@localhost.localdomain"]
    assert mail["Bcc"] is None
    assert "<script>" not in parts(mail)[1]
    assert post.sink.mails[0][0] == [BEA]


def test_Q_1_a_neighbours_store_is_not_there(world):
    theirs = store_id(world, "GLOB", "globex")
    for name in ("Mai", "Ada"):
        seat = Seat(world, name)
        assert seat.get(f"{SENDER}/{theirs}").status_code == 404
        assert seat.post(f"{SENDER}/{theirs}", name="Mine").status_code == 404
    with world.inside("globex"):
        assert MailSender.by_merchant() == {}
