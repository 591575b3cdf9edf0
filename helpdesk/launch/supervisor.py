"""`helpdesk up`: start everything in order, watch it, stop it in reverse order; `helpdesk web`."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from helpdesk.config import ROOT, Config
from helpdesk.launch import notices, preflight, web_server
from helpdesk.launch.child import HANDLED, Child, end
from helpdesk.launch.preflight import CannotStart, DataDirectory
from helpdesk.launch.redis_server import RedisServer, wait_until_ready

TICK_SECONDS = 0.5
SLOW_START_SECONDS = 60.0
MOST_EARLY_CRASHES = 5
# The whole end takes at most five seconds: seconds from its beginning at which each part is killed.
END_APPLICATION, END_MAILBOX, END_REDIS = 3.3, 3.8, 4.5


class Stop(BaseException):
    """Somebody wants everything to end."""


class Supervisor:
    """All processes of one machine. `run` returns when it was asked to stop."""

    def __init__(self, config: Config, data: DataDirectory) -> None:
        self.config = config
        self._data = data
        self._logs = data.folder("logs")
        self._redis: RedisServer | None = None
        self._mailbox: Child | None = None
        self._application: list[Child] = []
        self._readers: list[notices.LogReader] = []
        self._web_listeners: list[socket.socket] = []
        self._mail_listener: socket.socket | None = None
        self._gate: int | None = None
        self._demo = False
        self._begun = time.monotonic()

    def run(self) -> None:
        """Start, watch, stop. Raises `CannotStart`."""
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)  # they are waited for instead, in `_pause`
        try:
            self._start()
            self._watch()
        except Stop:
            notices.say("Stopping …")
        finally:
            self._stop()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)

    def _start(self) -> None:
        self._open_ports()
        if not self.config.rate_limits:
            notices.warn(
                "rate limits are OFF (HELPDESK_RATE_LIMITS=off); that is for load tests on one machine."
            )
        if self.config.redis_url is None:
            self._start_redis()
        if self.config.smtp_url is None:
            self._start_mailbox()
        self._start_web()
        self._prepare_database()
        self._open_gate()
        self._wait_for_web()
        # Only now: they would take the processor from the first page.
        python, worker = sys.executable, str(ROOT / "worker.py")
        for number in range(1, self.config.workers + 1):
            self._launch(f"worker-{number}", [python, worker])
        self._launch("scheduler", [python, worker, "schedule"], {"TZ": "UTC"})
        self._write_state()
        notices.say(notices.welcome(self.config, self._demo, time.monotonic() - self._begun))

    def _open_ports(self) -> None:
        host, shop_port = self.config.host, self.config.shop_port
        self._web_listeners.append(preflight.listen(host, self.config.port))
        if not self.config.demo:
            return
        shop = (
            preflight.listen(host, shop_port) if shop_port else preflight.listen_after(host, self.config.port)
        )
        if shop is not None:
            self._web_listeners.append(shop)
            self.config = replace(self.config, shop_port=shop.getsockname()[1])

    def _start_redis(self) -> None:
        self._redis = RedisServer(self._data.folder("redis"), self._logs / "redis.log")
        self._redis.child.start()
        wait_until_ready(self._redis, self._pause)
        self.config = replace(self.config, redis_url=self._redis.url)

    def _start_mailbox(self) -> None:
        folder = self._data.folder("mail")
        listener = preflight.listen("127.0.0.1", 0)
        self._mail_listener = listener  # kept open here, so that a restarted mailbox has the same port
        command = [sys.executable, "-P", str(Path(__file__).with_name("mailbox.py"))]
        command += ["--fd", str(listener.fileno()), "--dir", str(folder)]
        self._mailbox = Child("mailbox", command, self._logs / "mailbox.log", None, [listener.fileno()])
        self._mailbox.start()
        self.config = replace(self.config, smtp_url=f"smtp://127.0.0.1:{listener.getsockname()[1]}")

    def _start_web(self) -> None:
        """It loads while the database is prepared, and answers when the gate is opened."""
        gate, self._gate = os.pipe()
        fds = [listener.fileno() for listener in self._web_listeners]
        env = web_server.environment(self.config, fds, grace=2, gate=gate)
        self._launch("web", web_server.command(), env, [*fds, gate])

    def _open_gate(self) -> None:
        if self._gate is not None:
            os.close(self._gate)
            self._gate = None

    def _prepare_database(self) -> None:
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "helpdesk.launch.prepare", str(writing)]
        child = self._launch("prepare", command, None, [writing])
        os.close(writing)
        while child.runs:
            self._pause(TICK_SECONDS)
        self._application.remove(child)
        reader = self._readers.pop()
        child.clear()
        with os.fdopen(reading) as pipe:
            answer = json.loads(pipe.read() or "{}")
        if "refused" in answer:
            raise CannotStart(answer["refused"])
        if "demo" not in answer:
            notices.warn(reader.last_lines())
            raise CannotStart(f"The database could not be prepared; see {child.log}.")
        self._demo = answer["demo"]

    def _launch(
        self,
        name: str,
        command: list[str],
        env: Mapping[str, str] | None = None,
        fds: list[int] | None = None,
    ) -> Child:
        log = self._logs / f"{name}.log"
        self._readers.append(notices.LogReader(name, log))
        child = Child(name, command, log, {**environment(self.config), **(env or {})}, fds or [])
        self._application.append(child)
        child.start()
        return child

    def _wait_for_web(self) -> None:
        host, port = self._web_listeners[0].getsockname()[:2]
        said_slow = False
        while not web_server.is_ready(host, port):
            self._tend(early=True)
            self._pause(0.05)
            if not said_slow and time.monotonic() - self._begun > SLOW_START_SECONDS:
                said_slow = True
                notices.warn(f"not ready after {SLOW_START_SECONDS:.0f} s; see the logs in {self._logs}.")

    def _watch(self) -> None:
        while True:
            self._tend(early=False)
            self._pause(TICK_SECONDS)

    def _tend(self, early: bool) -> None:
        """Bring back what died, show errors."""
        self._revive(early)
        for reader in self._readers:
            reader.show_errors()

    def _revive(self, early: bool) -> None:
        for child in self._all():
            if child.pid is not None and not child.runs:
                status = child.clear()
                wait = child.rest_after_crash()
                notices.warn(f"{child.name} ended with status {status}; it starts again in {wait:.1f} s.")
                if early and child.restarts >= MOST_EARLY_CRASHES:
                    raise CannotStart(f"The process {child.name} does not start; see {child.log}.")
            if child.may_start:
                child.start()
                self._write_state()

    def _all(self) -> list[Child]:
        servers = [self._redis.child if self._redis else None, self._mailbox]
        return [child for child in servers if child] + self._application

    def _write_state(self) -> None:
        """For commands and tests in other processes: what runs and where."""
        state = {
            "pid": os.getpid(),
            "address": self.config.base_url,
            "shop": self.config.shop_origin,
            "redis_url": self.config.redis_url,
            "smtp_url": self.config.smtp_url,
            "processes": {child.name: child.pid for child in self._all()},
        }
        path = self._data.path / "running.json"
        fresh = path.with_suffix(".part")
        fresh.touch(0o600)
        fresh.write_text(json.dumps(state, indent=2) + "\n")
        fresh.rename(path)  # a reader sees the old state or the new one, whole

    def _pause(self, seconds: float) -> None:
        """Wait, or until a child ends. Raises `Stop` when it is time to go."""
        received = signal.sigtimedwait(HANDLED, seconds)
        if received is not None and received.si_signo != signal.SIGCHLD:
            raise Stop

    def _stop(self) -> None:
        begun = time.monotonic()
        self._open_gate()
        for listener in filter(None, [*self._web_listeners, self._mail_listener]):
            listener.close()  # the children have their own copies
        end(self._application[::-1], begun + END_APPLICATION)
        if self._mailbox is not None:
            end([self._mailbox], begun + END_MAILBOX)
        if self._redis is not None:
            end([self._redis.child], begun + END_REDIS)
            self._redis.tidy()
        (self._data.path / "running.json").unlink(missing_ok=True)


def up(config: Config) -> int:
    """Run everything until Ctrl-C or SIGTERM; the exit status."""
    try:
        preflight.raise_file_limit()
        data = DataDirectory(config.data_dir)
        data.claim()
        preflight.secret_key(config.data_dir)
        Supervisor(config, data).run()
    except CannotStart as refusal:
        notices.warn(str(refusal))
        return 1
    return 0


def web(config: Config) -> int:
    """Become the web server of a deployment; returns, with the exit status, only when that is not possible."""
    try:
        preflight.raise_file_limit()
        preflight.secret_key(config.data_dir)
        listener = preflight.listen(config.host, config.port)
    except CannotStart as refusal:
        notices.warn(str(refusal))
        return 1
    listener.set_inheritable(True)
    command, env = web_server.command(), web_server.environment(config, [listener.fileno()], grace=30)
    return os.execve(command[0], command, {**os.environ, **env})


def environment(config: Config) -> dict[str, str]:
    """What the supervisor has decided, for its children; the rest they read as it did."""
    decided = {
        "HELPDESK_DATA_DIR": str(config.data_dir),
        "HELPDESK_DATABASE_URL": config.database_url,
        "HELPDESK_REDIS_URL": config.redis_url,
        "HELPDESK_SMTP_URL": config.smtp_url,
        "HELPDESK_BASE_URL": config.base_url,
        "HELPDESK_SHOP_PORT": str(config.shop_port or 0),
        "HELPDESK_DEMO": "1" if config.demo else "0",
        "HOST": config.host,
        "PORT": str(config.port),
        "PYTHONUNBUFFERED": "1",
    }
    return {name: value for name, value in decided.items() if value is not None}
