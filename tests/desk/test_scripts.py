"""ux 2, 44: the scripts and sheets of the desk and of the customers' pages, each kind of page in one file."""

from __future__ import annotations

import pytest

from helpdesk.core.bundle import FOR_EVER, Bundle
from helpdesk.desk.script_views import BUNDLES, SHEETS
from helpdesk.portal.script_views import FORM, REQUEST

ALL = [*BUNDLES.values(), SHEETS, FORM, REQUEST]


@pytest.mark.parametrize("bundle", ALL, ids=lambda bundle: bundle.address)
def test_ux_44_a_file_is_kept_for_ever_under_its_own_mark_alone(client, app, bundle: Bundle) -> None:
    with app.app_context():  # a sheet asks for the marks of what it names
        assert bundle.url == f"{bundle.address}?v={bundle.mark}"
    present = client.get(bundle.url)
    assert present.headers["Cache-Control"] == FOR_EVER
    for old in (f"{bundle.address}?v=0123456789ab", f"{bundle.address}?v=", bundle.address):
        answer = client.get(old)
        assert answer.text == present.text == bundle.text
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = client.get(old, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == "public, no-cache"


def test_ux_44_a_file_is_made_once(tmp_path, monkeypatch) -> None:
    (tmp_path / "static" / "js").mkdir(parents=True)
    monkeypatch.setattr("helpdesk.core.bundle.ROOT", tmp_path)
    script = tmp_path / "static" / "js" / "one.js"
    script.write_text("first();")
    bundle = Bundle("/one.js", ["one"])
    url, text = bundle.url, bundle.text
    script.write_text("second();")  # the next release, before the server was started again
    assert (bundle.url, bundle.text) == (url, text)
    assert Bundle("/one.js", ["one"]).url != url
