"""The HTTP door: routes made from the registry, and one middleware around everything."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from domain.errors import DomainError
from rest.client import request_id_of
from rest.dispatch import ALLOWANCE, Dispatcher, DispatchPorts
from rest.errors import internal, of_framework, problem_of
from rest.headers import hide_versions, is_preflight, preflight, protect
from rest.metrics import RestMetrics
from rest.pages import Pages
from rest.registry import Endpoint, Handler, endpoints_of
from rest.web_files import PREFIX

#: Served by the other door, with rules of its own.
SOCKET_PATH = "/socket.io/"
#: Asked every few seconds by machines, or by the dozen when a page opens: worth a line only for who debugs.
_ROUTINE = frozenset({"/health", "/ready", "/metrics", PREFIX + "{name}", PREFIX + "{version}/{name}"})
_UNMATCHED = "(unmatched)"

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger(__name__)


class RestDoor:
    """Adds the endpoints to an application, which the socket door may share."""

    def __init__(
        self, ports: DispatchPorts, groups: Sequence[object], metrics: RestMetrics, pages: Pages
    ) -> None:
        self._settings = ports.settings
        self._dispatch = Dispatcher(ports)
        self._metrics = metrics
        self.pages = pages
        self.endpoints = [tagged for group in groups for tagged in endpoints_of(group)]
        self._methods: defaultdict[str, set[str]] = defaultdict(set)
        for endpoint, _ in self.endpoints:
            self._methods[endpoint.path].add(endpoint.method)

    def add_to(self, app: web.Application) -> None:
        """Add routes and the middleware. Once per application, before it starts."""
        app.middlewares.append(self._middleware)
        app.on_response_prepare.append(hide_versions)
        for endpoint, handler in self.endpoints:
            serve = self._served(endpoint, handler)
            if endpoint.method == "GET":
                app.router.add_get(endpoint.path, serve, name=endpoint.name)
            else:
                app.router.add_route(endpoint.method, endpoint.path, serve, name=endpoint.name)
        self.pages.add_to(app)

    def _served(self, endpoint: Endpoint, handler: Handler) -> Next:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._dispatch(endpoint, handler, request)

        return serve

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Next) -> web.StreamResponse:
        if request.path.startswith(SOCKET_PATH):
            return await handler(request)
        request_id, started = request_id_of(request), time.perf_counter()
        route = _route(request)
        with structlog.contextvars.bound_contextvars(
            request_id=request_id, method=request.method, route=route, user_id=None
        ):
            response = await self._answer(request, handler, request_id)
            seconds = time.perf_counter() - started
            self._metrics.observe(request.method, route, response.status, seconds)
            note = log.debug if route in _ROUTINE else log.info
            note("request", status=response.status, duration_ms=round(seconds * 1000, 1))
        response.headers["X-Request-Id"] = request_id
        if (allowance := request.get(ALLOWANCE)) is not None:
            response.headers.update(allowance.headers())
        protect(request, response, self._settings)
        return response

    async def _answer(self, request: web.Request, handler: Next, request_id: str) -> web.StreamResponse:
        if is_preflight(request):
            return preflight()
        try:
            return await handler(request)
        except DomainError as error:
            return problem_of(error, request_id)
        except web.HTTPException as error:
            page = self.pages.not_found(request) if error.status == 404 else None
            return page or self._refusal(error, request, request_id)
        except Exception:
            log.exception("unforeseen error")
            return internal(request_id)

    def _refusal(self, error: web.HTTPException, request: web.Request, request_id: str) -> web.StreamResponse:
        response = of_framework(error, request_id)
        own = self._methods.get(request.path)
        if error.status == 405 and own:
            # The framework adds the methods of templates that the address matches by accident: `…/groups` is no identifier.
            response.headers["Allow"] = ",".join(sorted(own | ({"HEAD"} if "GET" in own else set())))
        return response


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else _UNMATCHED
