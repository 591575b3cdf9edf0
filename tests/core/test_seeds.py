"""Q-6: shipped defaults are seeded at every start; twice, or by two processes at once, changes nothing."""

from __future__ import annotations

import threading
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import func, select

from helpdesk import create_app
from helpdesk.assignment.rule import Rule
from helpdesk.config import ROOT, Config
from helpdesk.core.db import Model, db
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import across_organizers
from helpdesk.escalations.ladder_step import LadderStep
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.shipped_mail import SHIPPED
from helpdesk.sla.policy import Policy, PolicyVersion

SEEDED: tuple[type[Model], ...] = (Policy, PolicyVersion, LadderStep, Rule, MailTemplate)


def test_Q_6_several_processes_seed_once(database_url: str, tmp_path: Path) -> None:
    app = create_app(Config(data_dir=tmp_path, database_url=database_url, secret_key="seeds " * 8))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    failures: list[Exception] = []

    def start() -> None:
        try:
            with app.app_context():
                seed_shipped()
        except Exception as error:
            failures.append(error)

    starts = [threading.Thread(target=start) for _ in range(4)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    assert failures == []
    first = _counts(app)
    assert all(first)
    start()
    assert _counts(app) == first == [1, 1, 3, 1, len(SHIPPED)]


def _counts(app: object) -> list[int]:
    with app.app_context(), across_organizers():  # type: ignore[attr-defined]
        counts = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in SEEDED]
        db.session.remove()
        db.engine.dispose()
        return counts
