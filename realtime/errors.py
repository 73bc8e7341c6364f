"""One table from exceptions to acknowledgements.

An acknowledgement is ``{ok: true, data}`` or ``{ok: false, error: {code, message, retryable, details?, retryAfterMs?,
requestId?}}``. What a handler raises on purpose is a :class:`~domain.errors.DomainError`; anything else is INTERNAL with a
request id, logged once with its stack, and says nothing about us.
"""

import logging
from typing import Any

from pydantic import ValidationError

from domain.errors import Code, DomainError, Invalid, is_retryable
from domain.ids import new_id

log = logging.getLogger(__name__)

#: Further faults of one payload help nobody.
_MAX_FIELDS = 20


def accepted(data: dict[str, object]) -> dict[str, object]:
    """The acknowledgement of success."""
    return {"ok": True, "data": data}


def refused(error: DomainError) -> dict[str, object]:
    """The acknowledgement of a failure that was meant."""
    body: dict[str, object] = {
        "code": error.code.value,
        "message": error.message,
        "retryable": is_retryable(error),
    }
    if error.details:
        body["details"] = error.details
    if error.retry_after_ms is not None:
        body["retryAfterMs"] = error.retry_after_ms
    return {"ok": False, "error": body}


def crashed(error: Exception, **context: str) -> dict[str, object]:
    """The acknowledgement of a failure that was not meant; the only place that logs it."""
    request_id = new_id()
    log.error("an event handler crashed", exc_info=error, extra={"request_id": request_id, **context})
    body = {
        "code": Code.INTERNAL.value,
        "message": "Something went wrong on our side.",
        "retryable": False,
        "requestId": request_id,
    }
    return {"ok": False, "error": body}


def invalid_payload(error: ValidationError) -> Invalid:
    """INVALID_PAYLOAD with the path of every field at fault; never with what was sent."""
    fields = [
        {"path": _path(fault["loc"]), "problem": fault["msg"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return _invalid(fields[:_MAX_FIELDS])


def invalid_as_a_whole(problem: str) -> Invalid:
    """INVALID_PAYLOAD for what is wrong with no single field."""
    return _invalid([{"path": "", "problem": problem}])


def _invalid(fields: list[dict[str, str]]) -> Invalid:
    return Invalid("The payload does not match its schema.", details={"fields": fields})


def _path(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc)[:200]
