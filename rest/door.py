"""The HTTP door: routes made from the registry, and one middleware around everything."""

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

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
_PARAMETER = re.compile(r"{\w+}")

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
        for path, methods in shadowed(endpoint for endpoint, _ in self.endpoints).items():
            app.router.add_route("*", path, _refusing(methods))
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
            return page or of_framework(error, request_id)
        except Exception:
            log.exception("unforeseen error")
            return internal(request_id)


def shadowed(endpoints: Iterable[Endpoint]) -> dict[str, frozenset[str]]:
    """Literal addresses that a template covers too, and their own methods.

    Where ``POST /things/new`` exists, ``GET /things/new`` asks for no thing called ``new``: its method is wrong.
    """
    methods: dict[str, set[str]] = {}
    for endpoint in endpoints:
        methods.setdefault(endpoint.path, set()).add(endpoint.method)
    templates = [
        re.compile("[^/]+".join(re.escape(part) for part in _PARAMETER.split(path)))
        for path in methods
        if _PARAMETER.search(path)
    ]
    return {
        path: frozenset(own | ({"HEAD"} if "GET" in own else set()))
        for path, own in methods.items()
        if not _PARAMETER.search(path) and any(template.fullmatch(path) for template in templates)
    }


def _refusing(methods: frozenset[str]) -> Next:
    async def refuse(request: web.Request) -> web.StreamResponse:
        raise web.HTTPMethodNotAllowed(request.method, sorted(methods))

    return refuse


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else _UNMATCHED
