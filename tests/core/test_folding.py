"""TKT-014: one way of writing a text without its marks, wherever something is looked for."""

from __future__ import annotations

import unicodedata

import pytest

from helpdesk.core.fulltext import fold, folded
from tests.support.inspect import ROOT

FOLDED = [
    ("Đổi HÀNG, hóa đơn", "doi hang, hoa don"),
    ("Nguyễn Thị Bưởi", "nguyen thi buoi"),
    ("ỲÝỶỸỴ ăâêôơưđ", "yyyyy aaeooud"),
    ("Café 김민준", "cafe 김민준"),
    ("İstanbul", "istanbul"),
    ("", ""),
]


@pytest.mark.parametrize(("written", "plain"), FOLDED)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_TKT_014_a_text_is_folded_alike_however_it_is_composed(written, plain, form):
    assert folded(unicodedata.normalize(form, written)) == plain
    assert folded(plain) == plain


def test_TKT_014_a_word_of_nothing_but_marks_stays():
    assert (fold("đổi"), fold("\u0301")) == ("doi", "\u0301")


def test_TKT_014_there_is_one_place_that_folds():
    places = [path.stem for path in (ROOT / "helpdesk").rglob("*.py") if '"NFD"' in path.read_text("utf-8")]
    assert places == ["fulltext"]
