"""What every answer carries and every request must pass: headers, limits, cookies, proxies, anti-forgery."""

from typing import Any

from flask import Flask, Response, abort, g, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from helpdesk.config import Config, current_config
from helpdesk.core import clock
from helpdesk.core.access import present_rule
from helpdesk.core.broker import connect
from helpdesk.core.bundle import FOR_EVER
from helpdesk.core.errors import failure
from helpdesk.core.i18n import _, ngettext
from helpdesk.core.pages import asset

MOST_BYTES = 220 * 1024 * 1024  # ten files of 20 MB and their form; single views take less
PLAIN_BYTES = 2 * 1024 * 1024  # any form without files
PUSHED = "helpdesk.pushed"  # marks the environment in which a part is rendered for other people's pages
csrf = CSRFProtect()


def client_address() -> str:
    """The address that a limit counts. Behind proxies it is the one the outermost trusted proxy saw."""
    return request.remote_addr or "unknown"


limiter = Limiter(client_address, in_memory_fallback_enabled=True, headers_enabled=False)


def init_app(app: Flask, config: Config) -> None:
    """Set up everything; the order of the parts does not matter."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="__Host-session" if config.is_https else "session",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=PLAIN_BYTES,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,  # it lives as long as the session
        WTF_CSRF_SSL_STRICT=False,  # some browsers send no Referer; SameSite and the token remain
        RATELIMIT_ENABLED=config.rate_limits,
        RATELIMIT_STORAGE_URI=_limits_storage(config),
        RATELIMIT_STORAGE_OPTIONS=_limits_options(config),
        RATELIMIT_SWALLOW_ERRORS=True,
    )
    app.before_request(_refuse_odd_addresses)
    app.before_request(_refuse_large_forms)  # before anti-forgery, which reads the form
    csrf.init_app(app)
    # Not flask-wtf's own, which invents one for pushed parts.
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"csrf_token": csrf_token})
    limiter.init_app(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.register_error_handler(CSRFError, _without_token)
    app.register_error_handler(RateLimitExceeded, too_often)
    app.after_request(_headers)


def _limits_storage(config: Config) -> str:
    if not config.redis_url:
        return "memory://"
    return config.redis_url.replace("unix://", "redis+unix://", 1)


def _limits_options(config: Config) -> dict[str, Any]:
    """Our own connections, which give up on a mute server; those of the library wait for it five times longer."""
    return {"connection_pool": connect(config.redis_url).connection_pool} if config.redis_url else {}


def _refuse_odd_addresses() -> None:
    """No address of ours holds a NUL, which PostgreSQL cannot even be asked for."""
    if "\0" in request.path:
        abort(404)


def _refuse_large_forms() -> None:
    """Werkzeug's own limits watch multipart bodies only; a urlencoded one of any size would be parsed."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = PLAIN_BYTES


def content_policy() -> str:
    """The page may load its own things only, and nobody may frame it, unless the view said otherwise."""
    directives = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    directives |= g.get("content_policy", {})
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def loosen(**directives: str) -> None:
    """Let the present answer depart from the common policy: `loosen(frame_ancestors="https://shop.example")`."""
    said = {name.replace("_", "-"): value for name, value in directives.items()}
    g.content_policy = g.get("content_policy", {}) | said


def csrf_token() -> str:
    """The token for a form of this page. A part that is pushed to many pages has none: theirs is in a header."""
    return "" if request.environ.get(PUSHED) else generate_csrf()


def seconds_until_free() -> int:
    """When the limit that was hit lets this visitor in again; at most an hour, and no longer than the limit counts.

    The library's whole seconds may lie up to one behind the window's end.
    """
    limit = limiter.current_limit
    if limit is None:
        return 60
    left = round(limit.reset_at - clock.now().timestamp())
    return min(3600, limit.limit.get_expiry(), max(1, left))


def minutes_until_free() -> int:
    """The same in whole minutes, for people."""
    return -(-seconds_until_free() // 60)


def too_often(error: RateLimitExceeded) -> Response:
    """A limit was hit, at whatever door: say when it is over, and give back what was written.

    `failure` finds the shape (page, part of a page, JSON), `_headers` adds Retry-After.
    """
    said = ngettext(
        "Too many attempts. Try again in %(num)s minute.",
        "Too many attempts. Try again in %(num)s minutes.",
        minutes_until_free(),
    )
    return failure(429, said)


def _without_token(error: CSRFError) -> Response:
    """A form without the token of this session: it is another site's, or from before its writer signed in anew."""
    rule = present_rule()
    if rule is None or not rule.knows_users:
        return failure(
            400, _("This page was opened too long ago. Open it again, then send once more what you wrote.")
        )
    said = _("Your session is not the one in which this page was opened. Sign in, then send it once more.")
    return failure(400, said, sign_in=True)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = content_policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Server-Now"] = str(int(clock.now().timestamp() * 1000))  # static/js/clock.js keeps time by it
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if "frame-ancestors" not in g.get("content_policy", {}):
        headers["X-Frame-Options"] = "DENY"
    if response.status_code == 429:
        headers.setdefault("Retry-After", str(seconds_until_free()))
    if current_config().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static" and response.status_code in (200, 304):
        headers["Cache-Control"] = FOR_EVER if _is_present() else "no-cache"
    elif not response.cache_control.public:  # files bring a milder word of their own
        headers["Cache-Control"] = "no-store"
    return response


def _is_present() -> bool:
    """Whether a static file was asked for by the mark of what it is now, not of another release."""
    return request.full_path.rstrip("?") == asset((request.view_args or {})["filename"])


def local_path(target: str | None, otherwise: str) -> str:
    """A place to go next that lies on this site: an absolute path, or `otherwise`."""
    if not target or len(target) > 2000 or any(ord(c) < 33 or ord(c) == 127 for c in target):
        return otherwise
    is_local = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_local else otherwise
