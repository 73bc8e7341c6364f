"""Headers that protect a browser: CORS by allow-list, and the security headers."""

from aiohttp import web

from rest.settings import RestSettings

#: Pages run only modules of this server, no inline script or style, and make no HTML out of text. Pictures of people
#: may be anywhere; media are those of a call.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https: data:",
        "media-src 'self' blob: mediastream:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
PAGE_PERMISSIONS = "camera=(self), microphone=(self), display-capture=(), geolocation=()"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id"
_RESPONSE_HEADERS = "ETag, X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, Idempotency-Replayed"
_PREFLIGHT_SECONDS = "600"


def is_preflight(request: web.Request) -> bool:
    """Whether a browser asks before it sends."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def preflight() -> web.Response:
    """The answer; who is allowed is said by :func:`protect`."""
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _REQUEST_HEADERS,
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        },
    )


def page_headers() -> dict[str, str]:
    """What every page carries, and only pages."""
    return {"Content-Security-Policy": PAGE_POLICY, "Permissions-Policy": PAGE_PERMISSIONS}


async def hide_versions(request: web.Request, response: web.StreamResponse) -> None:
    """A handler of ``on_response_prepare``, so for both doors: aiohttp would name itself, Python, and their versions."""
    response.headers["Server"] = "rapport"


def protect(request: web.Request, response: web.StreamResponse, settings: RestSettings) -> None:
    """Add what every response carries."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", DATA_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    # Whoever may read an answer from elsewhere asks by CORS, which this does not touch.
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin in settings.allowed_origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = _RESPONSE_HEADERS
    else:
        for name in [name for name in headers if name.startswith("Access-Control-")]:
            del headers[name]
