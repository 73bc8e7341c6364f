"""Logs: one line of JSON each in production, readable on a terminal.

Everything goes through structlog, the standard library's loggers too. Request, socket and session ids come from context
variables. Secrets and personal data never reach a line: keys that name them are cut out, wherever they stand.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import orjson
import structlog

from domain.events import camel

#: Loggers of libraries that write a line for every request or task; the doors and the metrics say it once. What pymongo
#: writes at DEBUG is whole commands and answers, hashes of passwords among them.
QUIET = ("aiohttp.access", "aioice", "aiortc", "engineio", "pymongo", "socketio", "stripe", "taskiq.receiver")
REFUSED = "[refused]"
_DEPTH = 6
_SNAKE = {
    "password",
    "password_hash",
    "secret",
    "client_secret",
    "secret_key",
    "token",
    "access_token",
    "refresh_token",
    "payment_method_token",
    "authorization",
    "cookie",
    "signature",
    "stripe_signature",
    "credential",
    "sdp",
    "candidate",
    "email",
    "phone",
    "name",
    "avatar_url",
    "address",
    "remote",
    "ip",
    "card",
    "body",
}
#: Names of what must not be logged, as Python and as the wire write them.
PRIVATE_KEYS = frozenset(_SNAKE | {camel(key) for key in _SNAKE})

Event = MutableMapping[str, Any]


def refuse_private(logger: object, method: str, event: Event) -> Event:
    """Replace the values of private keys, at any depth."""
    return {key: _clean(key, value, _DEPTH) for key, value in event.items()}


def _clean(key: object, value: Any, depth: int) -> Any:
    if isinstance(key, str) and key.lower().replace("-", "_") in _LOWER:
        return REFUSED
    if depth == 0:
        return value
    if isinstance(value, Mapping):
        return {name: _clean(name, item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(None, item, depth - 1) for item in value]
    return value


_LOWER = frozenset(key.lower() for key in PRIVATE_KEYS)


def configure_logging(*, json: bool | None = None, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process to ``stream`` (standard error).

    Args:
        json: one JSON object per line; None decides by whether the stream is a terminal.
        level: the least severe level that is written.
    """
    out = stream or sys.stderr
    as_json = not out.isatty() if json is None else json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        refuse_private,
    ]
    structlog.configure(
        processors=[*shared[:4], refuse_private, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_renderers(as_json))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in QUIET:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _renderers(as_json: bool) -> list[structlog.typing.Processor]:
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if not as_json:
        return [clean, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    # Without local variables: among them are passwords and tokens.
    stack = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        clean,
        structlog.processors.ExceptionRenderer(stack),
        structlog.processors.JSONRenderer(serializer=_serialise),
    ]


def _serialise(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
