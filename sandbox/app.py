"""The HTTP side: who may ask, routes, and answers that are held or dropped when a fault says so."""

import asyncio
import base64
import binascii
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import orjson
from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox import checkout_page, control, inspection, mailbox, mailbox_pages, pages
from sandbox.config import LOOPBACK_HOSTS, SandboxConfig
from sandbox.errors import ApiError, JsonObject, server_error
from sandbox.gateway import Gateway, Incoming, Outcome
from sandbox.operations import OPERATIONS, Operation
from sandbox.render import API_VERSION

log = logging.getLogger("sandbox")

GATEWAY = web.AppKey("gateway", Gateway)
_MAX_BODY = 1 << 20
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(config: SandboxConfig) -> web.Application:
    """The sandbox as an aiohttp application. The data file is opened at startup and closed at cleanup.

    Raises (at startup):
        AlreadyRunning: another process uses the data folder.
    """
    app = web.Application(client_max_size=_MAX_BODY, middlewares=[_only_known_hosts(config), _errors_as_json])

    async def life(app: web.Application) -> AsyncIterator[None]:
        gateway = Gateway(config)
        app[GATEWAY] = gateway
        await gateway.start()
        yield
        await gateway.stop()

    async def let_go(app: web.Application) -> None:
        app[GATEWAY].stopping.set()

    app.cleanup_ctx.append(life)
    app.on_shutdown.append(let_go)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, f"/v1/{operation.path}", _api(operation), name=None)
    _add_sandbox_routes(app)
    app.router.add_route("*", "/v1/{path:.*}", _unknown_route)
    return app


def _json(body: JsonObject, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _only_known_hosts(config: SandboxConfig) -> Middleware:
    """Refuse a ``Host`` that is not this machine: a page whose name was rebound to 127.0.0.1 stays outside."""
    allowed = LOOPBACK_HOSTS | config.allowed_hosts

    @web.middleware
    async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        if name.lower() not in allowed:
            return _json(ApiError("Unknown host", status=403).envelope(), 403)
        return await handler(request)

    return check


@web.middleware
async def _errors_as_json(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return _json(error.envelope(), error.status)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        message = f"{error.reason} ({request.method}: {request.path})"
        return _json(ApiError(message, status=error.status).envelope(), error.status)
    except Exception:
        log.exception("request failed", extra={"path": request.path})
        return _json(server_error().envelope(), 500)


def _require_key(request: web.Request) -> None:
    """Bearer or Basic (key as user name), as at Stripe.

    Raises:
        ApiError: 401.
    """
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            given = base64.b64decode(given, validate=True).decode().partition(":")[0]
    expected = request.app[GATEWAY].config.secret_key
    if scheme.lower() not in ("bearer", "basic") or not hmac.compare_digest(
        given.encode(), expected.encode()
    ):
        raise ApiError("Invalid API Key provided", status=401)


def _api(operation: Operation) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        _require_key(request)
        gateway = request.app[GATEWAY]
        incoming = Incoming(
            method=request.method,
            path=request.path,
            ids=dict(request.match_info),
            body=await request.read(),
            query=request.query_string,
            origin=f"{request.scheme}://{request.host}",
            account=request.headers.get("Stripe-Account", ""),
            key=request.headers.get("Idempotency-Key"),
        )
        outcome = await gateway.serve(operation, incoming)
        await _suffer(request, gateway, outcome)
        return _answer(incoming, outcome)

    return handle


async def _suffer(request: web.Request, gateway: Gateway, outcome: Outcome) -> None:
    """Hold the answer until the client gave up, or cut the connection."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + outcome.hold
    while loop.time() < deadline and not gateway.stopping.is_set():
        if request.transport is None or request.transport.is_closing():
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(gateway.stopping.wait(), min(0.1, deadline - loop.time()))
    if outcome.drop and request.transport is not None:
        request.transport.abort()


def _answer(incoming: Incoming, outcome: Outcome) -> web.Response:
    headers = {"Request-Id": incoming.request, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
    if incoming.key is not None:
        headers["Idempotency-Key"] = incoming.key
    if outcome.replayed:
        headers["Idempotent-Replayed"] = "true"
    if outcome.status >= 500:
        headers["Stripe-Should-Retry"] = "false"
    return web.Response(
        body=outcome.body, status=outcome.status, headers=headers, content_type="application/json"
    )


async def _unknown_route(request: web.Request) -> web.StreamResponse:
    _require_key(request)
    raise ApiError(
        f"Unrecognized request URL ({request.method}: {request.path}): the sandbox does not have it.",
        status=404,
    )


def _add_sandbox_routes(app: web.Application) -> None:
    router = app.router
    for name, view in _VIEWS.items():
        router.add_get(f"/_sandbox/{name}", _viewing(view))
    router.add_post("/_sandbox/faults", _control(lambda gateway, _, body: control.add_fault(gateway, body)))
    router.add_delete("/_sandbox/faults", _control(lambda gateway, _, __: control.clear_faults(gateway)))
    router.add_post(
        "/_sandbox/holds/expire", _control(lambda gateway, _, body: control.expire_holds(gateway, body))
    )
    router.add_post("/_sandbox/refunds/end", _control(lambda gateway, _, __: control.end_refunds(gateway)))
    router.add_post(
        "/_sandbox/idempotency_keys/forget",
        _control(lambda gateway, _, body: control.forget_keys(gateway, body)),
    )
    router.add_post(
        "/_sandbox/events/{id}/resend", _control(lambda gateway, id_, _: control.resend_event(gateway, id_))
    )
    router.add_post(
        "/_sandbox/accounts/{id}/onboard", _control(lambda gateway, id_, _: control.onboard(gateway, id_))
    )
    router.add_post("/mailbox/messages", _control(lambda gateway, _, body: gateway.mailbox.take(body)))
    router.add_delete("/mailbox/messages", _control(lambda gateway, _, __: gateway.mailbox.clear()))
    router.add_get("/mailbox/messages", _list_mails)
    router.add_get("/mailbox", _show_mailbox)
    router.add_get("/favicon.ico", _no_icon)
    router.add_get("/mailbox/{id}", _show_mail)
    router.add_get("/mailbox/{id}/html", _show_mail_alone)
    router.add_get("/_sandbox/3ds/{id}", _show_challenge)
    router.add_post("/_sandbox/3ds/{id}", _answer_challenge)
    router.add_get("/_sandbox/checkout/{id}", _show_checkout)
    router.add_post("/_sandbox/checkout/{id}", _pay_checkout)
    router.add_get("/_sandbox/onboarding/{id}", _show_onboarding)
    router.add_post("/_sandbox/onboarding/{id}", _finish_onboarding)


#: Reading needs no key: the listener is on loopback, ``Host`` is checked, no other origin may read the answer, and
#: no secret is shown. Anyone on this machine can look at what the sandbox did, which is what it is for.
_VIEWS: dict[str, Callable[[Gateway], JsonObject]] = {
    "payment_intents": inspection.payment_intents,
    "checkout_sessions": inspection.checkout_sessions,
    "movements": inspection.movements,
    "events": inspection.events,
    "summary": inspection.summary,
    "faults": control.list_faults,
}


def _viewing(view: Callable[[Gateway], JsonObject]) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return _json(view(request.app[GATEWAY]))

    return handle


def _control(action: Callable[[Gateway, str, bytes], JsonObject]) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        _require_key(request)
        body = await request.read()
        return _json(action(request.app[GATEWAY], request.match_info.get("id", ""), body))

    return handle


async def _no_icon(request: web.Request) -> web.StreamResponse:
    """Browsers ask for one by themselves, and complain when there is none."""
    return web.Response(status=204)


async def _list_mails(request: web.Request) -> web.StreamResponse:
    return _json(mailbox.as_list(request.app[GATEWAY].mailbox, request))


async def _show_mailbox(request: web.Request) -> web.StreamResponse:
    return mailbox_pages.show_list(request.app[GATEWAY].mailbox, request)


async def _show_mail(request: web.Request) -> web.StreamResponse:
    return mailbox_pages.show_mail(request.app[GATEWAY].mailbox, request.match_info["id"])


async def _show_mail_alone(request: web.Request) -> web.StreamResponse:
    return mailbox_pages.show_html(request.app[GATEWAY].mailbox, request.match_info["id"])


async def _show_challenge(request: web.Request) -> web.StreamResponse:
    secret = request.query.get("client_secret", "")
    return pages.show_challenge(request.app[GATEWAY], request.match_info["id"], secret)


async def _answer_challenge(request: web.Request) -> web.StreamResponse:
    """A program gets the intent; a browser is sent back to the shop, as Stripe does."""
    form = await request.post()
    identifier, gateway = request.match_info["id"], request.app[GATEWAY]
    secret, outcome = str(form.get("client_secret", "")), str(form.get("outcome", ""))
    reply = pages.answer_challenge(gateway, identifier, secret, outcome)
    if "text/html" in request.headers.get("Accept", ""):
        return pages.after_challenge(gateway, identifier, secret)
    return _json(reply.body, reply.status)


async def _show_checkout(request: web.Request) -> web.StreamResponse:
    secret = request.query.get("secret", "")
    return checkout_page.show(request.app[GATEWAY], request.match_info["id"], secret)


async def _pay_checkout(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    secret, token = str(form.get("secret", "")), str(form.get("card", ""))
    return checkout_page.pay(request.app[GATEWAY], request.match_info["id"], secret, token)


async def _show_onboarding(request: web.Request) -> web.StreamResponse:
    secret = request.query.get("secret", "")
    return pages.show_onboarding(request.app[GATEWAY], request.match_info["id"], secret)


async def _finish_onboarding(request: web.Request) -> web.StreamResponse:
    secret = str((await request.post()).get("secret", ""))
    target = pages.finish_onboarding(request.app[GATEWAY], request.match_info["id"], secret)
    if urlsplit(target).scheme not in ("http", "https"):
        return _json({"object": "account", "details_submitted": True})
    raise web.HTTPSeeOther(target)
