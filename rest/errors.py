"""Domain errors on the wire: one table, and problem details (RFC 9457)."""

import math
from http import HTTPStatus

from aiohttp import web

from domain.errors import RETRYABLE, Code, DomainError, is_retryable
from rest.payloads import Problem

PROBLEM_JSON = "application/problem+json"

#: Every code a client may see, and its status.
STATUS: dict[Code, int] = {
    Code.INVALID_PAYLOAD: 400,
    Code.UNKNOWN_EVENT: 400,
    Code.ILLEGAL_SIGNAL: 400,
    Code.UNAUTHENTICATED: 401,
    Code.TOKEN_EXPIRED: 401,
    Code.TOKEN_REUSED: 401,
    Code.BAD_CREDENTIALS: 401,
    Code.PAYMENT_REFUSED: 402,
    Code.NO_PAYMENT_METHOD: 402,
    Code.ACCOUNT_SUSPENDED: 403,
    Code.ACCOUNT_UNVERIFIED: 403,
    Code.FORBIDDEN: 403,
    Code.ORIGIN_REFUSED: 403,
    Code.BLOCKED: 403,
    Code.NOT_JOINED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.EMAIL_TAKEN: 409,
    Code.COACH_OFFLINE: 409,
    Code.COACH_BUSY: 409,
    Code.CALL_OPEN: 409,
    Code.OWN_ACCOUNT: 409,
    Code.ANSWERED_ELSEWHERE: 409,
    Code.STALE_EPOCH: 409,
    Code.ILLEGAL_STATE: 409,
    Code.SLOT_TAKEN: 409,
    Code.TOO_MANY_UNPAID_BOOKINGS: 409,
    Code.TOO_EARLY: 409,
    Code.TOO_LATE: 409,
    Code.GROUP_FULL: 409,
    Code.ALREADY_REGISTERED: 409,
    Code.CALENDAR_PRIVATE: 403,
    Code.CODE_INVALID: 409,
    Code.CODE_USED_UP: 409,
    Code.GONE: 410,
    Code.LINK_INVALID: 410,
    Code.VERSION_MISMATCH: 412,
    Code.VERSION_REQUIRED: 428,
    Code.PAYLOAD_TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.ACCOUNT_LOCKED: 423,
    Code.RATE_LIMITED: 429,
    Code.TOO_MANY_CONNECTIONS: 429,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
}


def problem_of(error: DomainError, request_id: str) -> web.Response:
    """The response that tells a client about an error."""
    status = STATUS[error.code]
    problem = Problem(
        type=f"/docs#{error.code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=error.message,
        code=error.code,
        request_id=request_id,
        retryable=is_retryable(error) or error.code in RETRYABLE,
        retry_after_ms=error.retry_after_ms,
        details=error.details or None,
    )
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="rapport"'
    if error.retry_after_ms is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after_ms / 1000))
    return web.Response(
        status=status,
        body=problem.model_dump_json(exclude_none=True).encode(),
        content_type=PROBLEM_JSON,
        headers=headers,
    )


def internal(request_id: str) -> web.Response:
    """The response to what nobody foresaw: nothing of it leaves the server but the request id."""
    return problem_of(DomainError("Something went wrong on our side.", code=Code.INTERNAL), request_id)


def of_framework(error: web.HTTPException, request_id: str) -> web.Response:
    """aiohttp's own refusals, in our form."""
    known = {
        404: (Code.NOT_FOUND, "There is nothing here."),
        405: (Code.METHOD_NOT_ALLOWED, "This address does not know that method."),
        413: (Code.PAYLOAD_TOO_LARGE, "The request body is too large."),
        415: (Code.UNSUPPORTED_MEDIA_TYPE, "Please send JSON."),
    }
    code, message = known.get(error.status, (Code.INVALID_PAYLOAD, "The request is malformed."))
    response = problem_of(DomainError(message, code=code), request_id)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
