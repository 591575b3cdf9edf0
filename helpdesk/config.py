"""Every variable the product reads from the environment: its type, default and meaning, once."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

ROOT = Path(__file__).resolve().parent.parent


class BadSetting(ValueError):
    """A variable has a value that the product cannot use; the text names the variable and what it wants."""


def _whole(env: Mapping[str, str], name: str, default: int, least: int = 0) -> int:
    text = env.get(name, "").strip()
    try:
        value = int(text) if text else default
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {text!r}.") from None
    if value < least:
        raise BadSetting(f"{name} must be at least {least}, not {value}.")
    return value


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if text in ("", "1", "on", "true", "yes"):
        return default if not text else True
    if text in ("0", "off", "false", "no"):
        return False
    raise BadSetting(f"{name} must be on or off, not {text!r}.")


def _secret_key(env: Mapping[str, str], data_dir: Path) -> str:
    """The key of the environment, else the one kept in the data directory, else one for this process alone."""
    if env.get("HELPDESK_SECRET_KEY"):
        return env["HELPDESK_SECRET_KEY"]
    kept = data_dir / "secret_key"
    return kept.read_text().strip() if kept.is_file() else secrets.token_urlsafe(48)


@dataclass(frozen=True)
class Config:
    """The settings of one process. Made by `from_env`; tests make their own."""

    data_dir: Path  # HELPDESK_DATA_DIR: database, blobs, mail, logs of the one-machine set-up
    database_url: str  # HELPDESK_DATABASE_URL: SQLite in the data directory, or postgresql://…
    secret_key: str = field(repr=False)  # HELPDESK_SECRET_KEY: signs cookies, links, form tokens
    redis_url: str | None = None  # HELPDESK_REDIS_URL: redis://, rediss:// or unix://; None: embedded by `up`
    smtp_url: str | None = None  # HELPDESK_SMTP_URL: smtp://, smtps:// or smtp+starttls://user:pass@host:port
    private_mail_servers: bool = (
        False  # HELPDESK_PRIVATE_MAIL_SERVERS: stores' own mail servers may be in this network
    )
    base_url: str = "http://127.0.0.1:8000"  # HELPDESK_BASE_URL: how people reach us; used in every mail
    trusted_proxies: int = 0  # HELPDESK_TRUSTED_PROXIES: how many proxies in front set X-Forwarded-*
    demo: bool = True  # HELPDESK_DEMO: demo organizers and /dev pages
    host: str = "127.0.0.1"  # HOST
    port: int = 8000  # PORT
    workers: int = 2  # HELPDESK_WORKERS: worker processes of `up`
    web_processes: int = 1  # HELPDESK_WEB_PROCESSES of `up`
    sockets: int = 584  # HELPDESK_SOCKETS: most live pages per web process; threads less 16
    sla_tick_seconds: int = 15  # HELPDESK_SLA_TICK_SECONDS: how often the monitor looks
    batch_seconds: int = 120  # HELPDESK_BATCH_SECONDS: window in which mails to one person are joined
    rate_limits: bool = True  # HELPDESK_RATE_LIMITS: off only for load tests on one machine
    fill_seconds: int = 2  # HELPDESK_FILL_SECONDS: shortest time in which a person fills the form
    shop_port: int | None = None  # HELPDESK_SHOP_PORT: set by `up` in demo mode, the merchant's own site
    mail_from: str = "Helpdesk <helpdesk@localhost.localdomain>"  # HELPDESK_MAIL_FROM
    metrics_token: str | None = field(default=None, repr=False)  # HELPDESK_METRICS_TOKEN: opens /metrics

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Config":
        """Read the environment. Raises `BadSetting` with one clear sentence."""
        data_dir = Path(env.get("HELPDESK_DATA_DIR") or "./var").resolve()
        host, port = env.get("HOST") or "127.0.0.1", _whole(env, "PORT", 8000, least=1)
        base_url = (env.get("HELPDESK_BASE_URL") or f"http://{host}:{port}").rstrip("/")
        if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
            raise BadSetting(f"HELPDESK_BASE_URL must be an http or https address, not {base_url!r}.")
        return cls(
            data_dir=data_dir,
            database_url=env.get("HELPDESK_DATABASE_URL") or f"sqlite:///{data_dir / 'helpdesk.sqlite3'}",
            secret_key=_secret_key(env, data_dir),
            redis_url=env.get("HELPDESK_REDIS_URL") or None,
            smtp_url=env.get("HELPDESK_SMTP_URL") or None,
            private_mail_servers=_switch(env, "HELPDESK_PRIVATE_MAIL_SERVERS", False),
            base_url=base_url,
            trusted_proxies=_whole(env, "HELPDESK_TRUSTED_PROXIES", 0),
            demo=_switch(env, "HELPDESK_DEMO", True),
            host=host,
            port=port,
            workers=_whole(env, "HELPDESK_WORKERS", 2, least=1),
            web_processes=_whole(env, "HELPDESK_WEB_PROCESSES", 1, least=1),
            sockets=_whole(env, "HELPDESK_SOCKETS", 584, least=1),
            sla_tick_seconds=_whole(env, "HELPDESK_SLA_TICK_SECONDS", 15, least=1),
            batch_seconds=_whole(env, "HELPDESK_BATCH_SECONDS", 120),
            rate_limits=_switch(env, "HELPDESK_RATE_LIMITS", True),
            fill_seconds=_whole(env, "HELPDESK_FILL_SECONDS", 2),
            shop_port=_whole(env, "HELPDESK_SHOP_PORT", 0) or None,
            mail_from=env.get("HELPDESK_MAIL_FROM") or cls.mail_from,
            metrics_token=env.get("HELPDESK_METRICS_TOKEN") or None,
        )

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS; decides the Secure mark and the prefix of cookies."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme, host and port of `base_url`, as browsers write it in the Origin header."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def shop_origin(self) -> str | None:
        """The origin of the demo shop, a site of its own (another port)."""
        return f"http://{urlsplit(self.base_url).hostname}:{self.shop_port}" if self.shop_port else None


def current_config() -> Config:
    """The settings of the running application."""
    return current_app.config["HELPDESK"]
