"""Stripe's error envelope (https://docs.stripe.com/api/errors).

``ApiError`` is an answer of an endpoint that began to run: it is saved under the idempotency key. ``InvalidParameter``
is a request that failed validation before anything ran: it is not saved, so the key may be used again, corrected
(https://docs.stripe.com/api/idempotent_requests).
"""

JsonObject = dict[str, object]


class ApiError(Exception):
    """A refusal with Stripe's words: HTTP status, ``type``, ``code``, ``message`` and what belongs to it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        extra: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.extra = extra or {}

    def envelope(self) -> JsonObject:
        """The body of the answer."""
        error: JsonObject = {"type": self.kind, "message": self.message}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = f"https://docs.stripe.com/error-codes/{self.code.replace('_', '-')}"
        if self.param is not None:
            error["param"] = self.param
        return {"error": error | self.extra}


class InvalidParameter(ApiError):
    """A parameter is unknown, missing or malformed; nothing ran."""


def missing(kind: str, identifier: str, param: str = "id") -> ApiError:
    """``resource_missing``: 404 when the path names it, 400 when a parameter does."""
    status = 404 if param == "id" else 400
    return ApiError(f"No such {kind}: '{identifier}'", status=status, code="resource_missing", param=param)


def server_error() -> ApiError:
    """The 500 that a fault asks for."""
    return ApiError("An unknown error occurred", status=500, kind="api_error")
