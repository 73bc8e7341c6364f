"""Who may open a connection at all: transport, origin, how many. Decided before anything is kept."""

from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from domain.addresses import Network, client_address, limit_key
from domain.errors import Code
from realtime.engine.application import Refusal
from realtime.metrics import Counts


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """Origins are ``scheme://host[:port]``; a client without an Origin header (no browser) is judged by its token alone."""

    origins: frozenset[str] = frozenset()
    #: also accept a page that this very host and port served
    same_origin: bool = True
    #: peers whose X-Forwarded-For is believed
    proxies: tuple[Network, ...] = ()
    websocket_only: bool = False
    #: a home or a small office behind one address (IPv6: one /64)
    per_address: int = 200
    #: connections of one person: some tabs on some devices
    per_user: int = 20
    #: file descriptors and memory of one process
    in_all: int = 20_000


@dataclass(slots=True)
class Admission:
    """Counts the connections of this process."""

    rules: AdmissionRules
    counts: Counts
    draining: bool = False
    _places: dict[str, str] = field(default_factory=dict)
    _per_place: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self._places)

    def judge(self, request: web.Request, *, fresh: bool) -> Refusal | None:
        """Why not, or None."""
        refusal = self._bad_origin(request) or self._bad_transport(request)
        if refusal is None and fresh:
            refusal = self._too_many(limit_key(self.address_of(request)))
        if refusal is not None:
            self.counts.refused_requests[refusal.code] += 1
        return refusal

    def opened(self, connection: str, request: web.Request) -> str:
        """Count a connection; its client's address."""
        address = self.address_of(request)
        self._places[connection] = place = limit_key(address)
        self._per_place[place] += 1
        return address

    def closed(self, connection: str) -> None:
        """Count it no more."""
        place = self._places.pop(connection, None)
        if place is not None:
            self._per_place[place] -= 1
            if not self._per_place[place]:
                del self._per_place[place]

    def address_of(self, request: web.Request) -> str:
        """The client's address."""
        return client_address(
            request.remote, request.headers.getall("X-Forwarded-For", []), self.rules.proxies
        )

    def _bad_origin(self, request: web.Request) -> Refusal | None:
        origin = request.headers.get("Origin")
        if origin is None or origin in self.rules.origins:
            return None
        if self.rules.same_origin and urlsplit(origin).netloc == request.host:
            return None
        return Refusal(403, Code.ORIGIN_REFUSED, "This origin may not connect here.")

    def _bad_transport(self, request: web.Request) -> Refusal | None:
        if request.query.get("transport") == "websocket" or not self.rules.websocket_only:
            return None
        text = "This server takes WebSocket connections only: connect with transports: ['websocket']."
        return Refusal(400, Code.METHOD_NOT_ALLOWED, text)

    def _too_many(self, place: str) -> Refusal | None:
        if self.draining:
            return Refusal(503, Code.UNAVAILABLE, "This server is stopping; connect to another one.")
        if len(self._places) >= self.rules.in_all:
            return Refusal(503, Code.TOO_MANY_CONNECTIONS, "This server is full.")
        if self._per_place[place] >= self.rules.per_address:
            return Refusal(429, Code.TOO_MANY_CONNECTIONS, "Too many connections from this address.")
        return None
