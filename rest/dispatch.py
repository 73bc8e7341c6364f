"""Running one endpoint: who, how often, what, then the handler."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web

from domain.accounts.account import Identity
from domain.accounts.ports import AccessTokens
from domain.addresses import limit_key
from domain.clock import Clock
from domain.errors import Forbidden, Invalid, Unauthenticated
from domain.idempotency import IdempotencyStore, Reservation, StoredReply
from rest.client import address_of
from rest.limits import Allowance, Limiter
from rest.registry import JSON, Call, Endpoint, Handler, Rate
from rest.settings import RestSettings
from rest.validation import parse_body, parse_path, parse_query, read_body
from rest.versions import expected_version, tag_of, tag_of_stored

IDEMPOTENCY_LEASE = timedelta(seconds=60)
#: Where whoever answers finds what to say about limits.
ALLOWANCE = web.RequestKey("allowance", Allowance)
#: Counted by person; by address as long as nobody knows who asks.
_PER_USER = frozenset({Rate.USER, Rate.CARDS})
_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DispatchPorts:
    """What every request needs."""

    access: AccessTokens
    idempotency: IdempotencyStore
    clock: Clock
    limiter: Limiter
    settings: RestSettings


class Dispatcher:
    """Turns a tagged handler into one of aiohttp's."""

    def __init__(self, ports: DispatchPorts) -> None:
        self._ports = ports
        settings = ports.settings
        self._limits = {
            Rate.USER: settings.user_limit,
            Rate.CARDS: settings.card_limit,
            Rate.ADDRESS: settings.address_limit,
            Rate.AUTH: settings.auth_limit,
            Rate.REFRESH: settings.refresh_limit,
        }

    async def __call__(
        self, endpoint: Endpoint, handler: Handler, request: web.Request
    ) -> web.StreamResponse:
        """Serve one request. Raises what the handler and the checks before it raise."""
        address = address_of(request, self._ports.settings.trusted_proxies)
        identity = self._identify(endpoint, request, address)
        allowance = self._take(endpoint, identity, address)
        if allowance is not None:
            request[ALLOWANCE] = allowance
        return await self._serve(endpoint, handler, request, identity, address)

    def _identify(self, endpoint: Endpoint, request: web.Request, address: str) -> Identity | None:
        try:
            identity = self._identity(request)
            if identity is None and endpoint.may.roles is not None:
                raise Unauthenticated("Please log in.")
        except Unauthenticated:
            if endpoint.may.roles is None:
                # A stale token must not keep anybody from logging in.
                return None
            # Guessing tokens costs from the address's bucket, so that it is not free.
            self._ports.limiter.take(Rate.ADDRESS, limit_key(address), self._ports.settings.address_limit)
            raise
        if identity is None:
            return None
        structlog.contextvars.bind_contextvars(user_id=identity.user_id)
        if endpoint.may.roles is not None and identity.role not in endpoint.may.roles:
            raise Forbidden(f"This needs the role {endpoint.may.name}.")
        return identity

    def _identity(self, request: web.Request) -> Identity | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Please send a bearer token.")
        return self._ports.access.read(token.strip(), self._ports.clock.wall())

    def _take(self, endpoint: Endpoint, identity: Identity | None, address: str) -> Allowance | None:
        if endpoint.rate is Rate.UNLIMITED:
            return None
        rate = endpoint.rate
        if rate in _PER_USER:
            if identity is not None:
                return self._ports.limiter.take(rate, identity.user_id, self._limits[rate])
            rate = Rate.ADDRESS
        return self._ports.limiter.take(rate, limit_key(address), self._limits[rate])

    async def _serve(
        self,
        endpoint: Endpoint,
        handler: Handler,
        request: web.Request,
        identity: Identity | None,
        address: str,
    ) -> web.StreamResponse:
        takes_body = endpoint.body is not None or endpoint.raw_body
        path = parse_path(request)
        raw = await read_body(request, self._ports.settings.body_limit) if takes_body else b""
        call: Call[Any, Any] = Call(
            request=request,
            identity=identity,
            address=address,
            body=parse_body(endpoint, request, raw),
            query=parse_query(endpoint, request),
            raw=raw,
            path=path,
            expected=expected_version(request) if endpoint.updates else 0,
        )
        for name in endpoint.headers:
            if name not in request.headers:
                raise Invalid(f"The header {name} is missing.", details={"header": name})
        if endpoint.idempotent and "Idempotency-Key" in request.headers:
            return await self._once(endpoint, handler, call)
        return await _answer(endpoint, handler, call)

    async def _once(self, endpoint: Endpoint, handler: Handler, call: Call[Any, Any]) -> web.StreamResponse:
        """Run with the caller's key: only success is kept, because a refusal changed nothing."""
        given = call.request.headers["Idempotency-Key"]
        if not _KEY.fullmatch(given):
            raise Invalid("An Idempotency-Key has 1 to 255 visible ASCII characters.")
        scope = f"{call.who.user_id}\n{endpoint.method} {call.request.path}\n{given}"
        store, now = self._ports.idempotency, self._ports.clock.wall()
        held = await store.reserve(_digest(scope.encode()), _digest(call.raw), now, IDEMPOTENCY_LEASE)
        if isinstance(held, StoredReply):
            replayed = {"Idempotency-Replayed": "true"}
            if endpoint.versioned and endpoint.reply is not None:
                replayed["ETag"] = tag_of_stored(held.body)
            return _response(held.status, held.body, replayed)
        return await self._hold(endpoint, handler, call, held)

    async def _hold(
        self, endpoint: Endpoint, handler: Handler, call: Call[Any, Any], held: Reservation
    ) -> web.StreamResponse:
        try:
            response = await _answer(endpoint, handler, call)
        except BaseException:
            await self._ports.idempotency.release(held)
            raise
        body = getattr(response, "body", None)
        kept = StoredReply(response.status, body if isinstance(body, bytes) else b"")
        await self._ports.idempotency.complete(held, kept)
        return response


async def _answer(endpoint: Endpoint, handler: Handler, call: Call[Any, Any]) -> web.StreamResponse:
    result = await handler(call)
    if isinstance(result, web.StreamResponse):
        return result
    if result is None:
        return web.Response(status=endpoint.status)
    headers = {"ETag": tag_of(result)} if endpoint.versioned else None
    return _response(endpoint.status, result.model_dump_json(exclude_none=True).encode(), headers)


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    if not body:
        return web.Response(status=status, headers=headers)
    return web.Response(status=status, body=body, content_type=JSON, charset="utf-8", headers=headers)


def _digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
