"""How the installation is: its processes, Redis, the mail server, the disk and the tables."""

from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.core.i18n import _, ngettext
from helpdesk.core.pulse import Pulse, free_disk, is_migrated, mail_fault
from helpdesk.office.finding import Finding, duration

BEAT_SECONDS = 60  # without a word for so long, a process is taken for dead
LATE_SECONDS = 120
LEAST_FREE, LEAST_SHARE = 1 << 30, 0.05


@dataclass(frozen=True)
class MachineHealth:
    """Told by what Redis, the disk and the database say now."""

    pulse: Pulse

    @classmethod
    def now(cls) -> "MachineHealth":
        """As it stands."""
        return cls(Pulse.felt())

    def findings(self) -> Iterator[Finding]:
        """In no order."""
        yield self._redis()
        if self.pulse.has_redis:
            yield self._workers()
            yield self._scheduler()
            yield self._queue()
        yield _mail()
        yield _disk()
        yield _tables()

    def _redis(self) -> Finding:
        label = _("Redis")
        if self.pulse.has_redis:
            return Finding("redis", "ok", label, _("answers"))
        return Finding(
            "redis", "bad", label, _("does not answer"),
            _("Pages work, but nothing is live, no work is begun and no mail leaves. Start Redis again."),
        )  # fmt: skip

    def _workers(self) -> Finding:
        label, alive = _("Workers"), [age for age in self.pulse.worker_ages if age < BEAT_SECONDS]
        if alive:
            return Finding("workers", "ok", label, ngettext("%(num)s at work", "%(num)s at work", len(alive)))
        return Finding(
            "workers", "bad", label, _("none at work"),
            _("Nothing is assigned and no mail leaves. Start at least one: helpdesk worker."),
        )  # fmt: skip

    def _scheduler(self) -> Finding:
        label, age = _("Scheduler"), self.pulse.scheduler_age
        if age is not None and age < BEAT_SECONDS:
            return Finding("scheduler", "ok", label, _("at work"))
        return Finding(
            "scheduler", "bad", label, _("not at work"),
            _("Deadlines, automatic closing and retries are noticed late or not at all. Start it: helpdesk schedule."),
        )  # fmt: skip

    def _queue(self) -> Finding:
        label, age = _("Queue of the workers"), self.pulse.oldest_waiting or 0
        said = ngettext("%(num)s job waits", "%(num)s jobs wait", self.pulse.waiting)
        if age < LATE_SECONDS:
            return Finding("queue", "ok", label, said)
        said += " · " + _("the oldest for %(age)s", age=in_words(age))
        return Finding("queue", "warn", label, said, _("The workers do not keep up. Start more of them."))


def _mail() -> Finding:
    label, fault = _("Mail server"), mail_fault()
    if fault is None:
        return Finding("mail", "ok", label, _("answers"))
    if fault == "none":
        advice = _("No mail leaves. Set HELPDESK_SMTP_URL and restart.")
        return Finding("mail", "bad", label, _("none is set up"), advice)
    advice = _("Mails wait and leave by themselves once it answers. Check the server and HELPDESK_SMTP_URL.")
    return Finding("mail", "bad", label, _("does not answer"), advice)


def _disk() -> Finding:
    label, free = _("Data directory"), free_disk()
    if free is None:
        advice = _("Files and pictures cannot be kept. Check the directory and who owns it.")
        return Finding("disk", "bad", label, _("cannot be written"), advice)
    said = _("%(gb)s GB free", gb=f"{free[0] / (1 << 30):.1f}")
    if free[0] > LEAST_FREE and free[1] > LEAST_SHARE:
        return Finding("disk", "ok", label, said)
    return Finding(
        "disk", "bad" if free[0] < LEAST_FREE // 4 else "warn", label, said, _("Make room before it is full.")
    )


def _tables() -> Finding:
    label = _("Tables")
    if is_migrated():
        return Finding("tables", "ok", label, _("up to date"))
    advice = _("Run helpdesk db upgrade, then restart.")
    return Finding("tables", "bad", label, _("not those of this version"), advice)


def in_words(seconds: float) -> str:
    """A rough age in words."""
    number, unit = duration(seconds)
    if unit == "s":
        return ngettext("%(num)s second", "%(num)s seconds", number)
    if unit == "min":
        return ngettext("%(num)s minute", "%(num)s minutes", number)
    return ngettext("%(num)s hour", "%(num)s hours", number)
