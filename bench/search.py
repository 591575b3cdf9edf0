"""The search page over 100,000 tickets with half a million messages, on both databases, and against 1,000 tickets."""

import time

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bench.figures import percentile, spread
from bench.pages import counted
from bench.places import KINDS, place
from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.demo.load import MANAGER, seed_load
from helpdesk.organizers.organizer import Organizer

SIZES = (1_000, 100_000)
TIMES, WARM = 30, 3
QUESTIONS = {
    "rare word": ("DH1234567", "kettleseller", "RX7654321", "solmitor"),
    "beginning of a code": ("DH12", "SKU9", "MOD3", "RX55"),
    "medium word": ("airport", "pallet", "duong", "expired"),
    "common word": ("the", "hang", "khong", "order"),
    "two words": ("broken bottle", "hoa don", "refund voucher", "giao nham"),
    "accents": ("hóa đơn", "Đặng Quốc Ấn", "dang quoc an", "khiếu nại"),
    "no hit": ("qqqq", "xyzzy the", "zzzzzz", "the qqqqq"),
}


def main() -> None:
    """Print the spread of each kind of question; a server's answer with its rendering."""
    medians: dict[str, list[float]] = {}
    for kind in KINDS:
        for size in SIZES:
            with place(f"search-{size}", kind) as (app, _):
                _seed(app, kind, size)
                for name, seconds in _measure(app, kind, size).items():
                    medians.setdefault(name, []).append(percentile(seconds, 0.5))
    for name, (small, large) in medians.items():
        print(f"{name:<58} {SIZES[1]:,} against {SIZES[0]:,} tickets: {large / small:.2f} times")


def _seed(app: Flask, kind: str, size: int) -> None:
    with app.app_context():
        if db.session.scalar(select(Organizer.id).where(Organizer.slug.like("load%"))) is None:
            db.session.remove()
            began = time.perf_counter()
            seed_load(size)
            print(f"seeded {size:,} tickets on {kind} in {time.perf_counter() - began:.0f} s")


def _measure(app: Flask, kind: str, size: int) -> dict[str, list[float]]:
    found, everything = {}, []
    for who, email in (("manager", MANAGER), ("agent", "agent1@load.example")):
        client = signed_in(app, email)
        for name, questions in QUESTIONS.items():
            what = f"search {kind} {who}: {name}"
            found[what] = _time(client, questions, f"{what}, {size:,}")
            everything += found[what]
    spread(f"search {kind}: all of these, {size:,}", everything)
    return found


def signed_in(app: Flask, email: str) -> FlaskClient:
    """Somebody's browser."""
    with app.app_context():
        user = User.find(email)
        assert user
        organizer_id, user_id = user.organizer_id, user.id
    with app.app_context(), inside(organizer_id), transaction():
        token = UserSession.begin(db.session.get_one(User, user_id), "bench")
    client = app.test_client()
    with client.session_transaction() as session:
        session["token"] = token
    return client


def _time(client: FlaskClient, questions: tuple[str, ...], name: str) -> list[float]:
    queries = max(counted(lambda q=q: client.get("/search", query_string={"q": q})) for q in questions)
    took = []
    for number in range(WARM + TIMES):
        began = time.perf_counter()
        answer = client.get("/search", query_string={"q": questions[number % len(questions)]})
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status_code
    spread(name, took[WARM:], f"{queries} queries")
    return took[WARM:]


if __name__ == "__main__":
    main()
