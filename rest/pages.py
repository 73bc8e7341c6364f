"""What a person's browser opens: the console's one page for all its routes, two more pages, and the files they load.

They are no part of the API: in no document, without limits (an opening page asks for dozens of them, from memory).
"""

import re
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from domain.errors import NotFound
from rest.headers import page_headers
from rest.web_files import PREFIX, SHELL, VERSION, WebFile, WebFiles

#: Where the console shows something; a browser gets the same page for each.
CONSOLE = (
    "/",
    "/sign-in",
    "/coaches",
    "/coaches/{userId}",
    "/desk",
    "/calendar",
    "/calendar/hours",
    "/calendar/offers",
    "/calendar/offers/{sessionTypeId}",
    "/calendar/prices",
    "/calendar/sharing",
    "/requests",
    "/bookings",
    "/bookings/{bookingId}",
    "/session/{bookingId}",
    "/call/{sessionId}",
    "/receipts",
    "/receipts/{sessionId}",
    "/payments/{paymentId}",
    "/cards",
    "/notifications",
    "/preferences",
    "/connections",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/profile",
    "/admin",
)
#: Pages of their own.
PAGES = {"/about": "about.html", "/docs": "docs.html"}
ICON = "icon.svg"
#: Shown instead of the console where its dependency is not installed.
NOT_INSTALLED = "not-installed.html"
#: A browser asks each time whether its copy is still right: an answer of a few bytes.
CACHED = "no-cache"
#: Under an address with the version there will never be anything else.
KEPT = "public, max-age=31536000, immutable"

_NOTHING = re.compile(r"q\s*=\s*0(\.0*)?")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger(__name__)


class Pages:
    """Routes to the files."""

    def __init__(self, files: WebFiles) -> None:
        self._files = files
        if missing := files.missing:
            log.warning("the console is not installed: run `make install`", missing=missing)

    @property
    def version(self) -> str:
        """What the addresses of this moment's files begin with, after ``/web/``."""
        return self._files.version

    def add_to(self, app: web.Application) -> None:
        """Add the routes. Once per application, before it starts."""
        for path in CONSOLE:
            app.router.add_get(path, self._console)
        for path, name in PAGES.items():
            app.router.add_get(path, self._page(name))
        for path in (*CONSOLE, *PAGES):
            if path != "/":
                app.router.add_get(path + "/", _without_slash)
        app.router.add_get("/favicon.ico", self._page(ICON))
        app.router.add_get(f"{PREFIX}{{version:{VERSION}}}/{{name:.+}}", self._file)
        app.router.add_get(PREFIX + "{name:.+}", self._file)

    def not_found(self, request: web.Request) -> web.Response | None:
        """The console's page that says so, for somebody who follows a link to nowhere; None for everybody else."""
        reads_pages = request.method in (
            hdrs.METH_GET,
            hdrs.METH_HEAD,
        ) and "text/html" in request.headers.get(hdrs.ACCEPT, "")
        if not reads_pages or request.path.startswith((PREFIX, "/api/")):
            return None
        return self._shell(request, 404)

    async def _console(self, request: web.Request) -> web.Response:
        return self._shell(request, 200)

    def _shell(self, request: web.Request, status: int) -> web.Response:
        if self._files.missing:
            return _response(request, self._needed(NOT_INSTALLED), 503)
        return _response(request, self._needed(SHELL), status)

    def _page(self, name: str) -> Handler:
        async def page(request: web.Request) -> web.Response:
            return _response(request, self._needed(name))

        return page

    async def _file(self, request: web.Request) -> web.Response:
        name, version = request.match_info["name"], request.match_info.get("version", "")
        found = self._files.get(name, version)
        # Pages have addresses of their own.
        if found is None or name.endswith(".html"):
            raise NotFound("There is nothing here.")
        # Another version is that of a page from before, or of a server that is newer: it gets what there is, for now.
        return _response(request, found, cache=KEPT if version == self._files.version else CACHED)

    def _needed(self, name: str) -> WebFile:
        found = self._files.get(name)
        if found is None:
            raise NotFound("There is nothing here.")
        return found


async def _without_slash(request: web.Request) -> web.StreamResponse:
    address = request.rel_url
    return web.Response(
        status=308,
        headers={hdrs.LOCATION: str(address.with_path(address.raw_path[:-1], encoded=True, keep_query=True))},
    )


def _response(request: web.Request, file: WebFile, status: int = 200, cache: str = CACHED) -> web.Response:
    packed = file.packed if _takes_gzip(request) else None
    tag = file.tag if packed is None else f"{file.tag}-gzip"
    # All of them also when nothing is sent again: a browser updates what it knows of its copy.
    headers = {"ETag": f'"{tag}"', "Cache-Control": cache, "Vary": "Accept-Encoding"}
    if file.content_type == "text/html":
        headers |= page_headers()
    if status == 200 and any(one.value in (tag, "*") for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    if packed is not None:
        headers["Content-Encoding"] = "gzip"
    return web.Response(
        status=status,
        body=file.body if packed is None else packed,
        content_type=file.content_type,
        charset="utf-8",
        headers=headers,
    )


def _takes_gzip(request: web.Request) -> bool:
    """RFC 9110, 12.5.3: named, or covered by ``*``, and not with a weight of nothing."""
    taken = {}
    for offer in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().split(","):
        coding, _, weight = (part.strip() for part in offer.partition(";"))
        taken[coding] = _NOTHING.fullmatch(weight) is None
    return taken.get("gzip", taken.get("*", False))
