"""The few files of ``web/``, read once and served from memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from aiohttp import web

from domain.errors import NotFound

_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_CACHED = "no-cache"


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes
    content_type: str
    tag: str


class Pages:
    """Named files of a package."""

    def __init__(self, names: Iterable[str], package: str = "web") -> None:
        folder = resources.files(package)
        self._pages = {name: _page(name, folder.joinpath(name).read_bytes()) for name in names}

    def response(self, name: str) -> web.Response:
        """The file.

        Raises:
            NotFound: it is not among the names.
        """
        page = self._pages.get(name)
        if page is None:
            raise NotFound("There is nothing here.")
        return web.Response(
            body=page.body,
            content_type=page.content_type,
            charset="utf-8",
            headers={"ETag": f'"{page.tag}"', "Cache-Control": _CACHED},
        )


def _page(name: str, body: bytes) -> _Page:
    return _Page(body, _TYPES[name.rsplit(".", 1)[1]], sha256(body).hexdigest()[:16])


#: What the door serves.
PAGES = ("index.html", "docs.html", "style.css", "home.js", "docs.js", "icon.svg")
