"""The files of ``web/`` that a browser may get, held in memory."""

import gzip
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

#: What is served of the folder; nothing else is, whatever it is called.
RULES = ("*.html", "*.css", "*.svg", "*.js", "client/*.js", "console/**/*.js")
#: The one dependency: what a browser asks for, and where npm puts it.
VENDORED = {"vendor/socket.io.js": "node_modules/socket.io-client/dist/socket.io.esm.min.js"}
#: The page that is told which modules it will need, and the module it starts.
SHELL, START = "index.html", "console/main.js"
PREFIX = "/web/"
#: What names the files of one moment, all together; it stands before a file's own name.
VERSION = "[0-9a-f]{12}"

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
#: Below this a packed file saves no packet.
_WORTH_PACKING = 1_000
_ADDRESS = re.compile(rf'(?P<attribute>href|src)="{PREFIX}(?P<name>[^"]+)"')
_STATIC_IMPORT = re.compile(
    r'^(?:import|export)\s+(?:[\w$*{},\s]+\s+from\s+)?"(?P<name>[^"]+)"', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class WebFile:
    """One file. ``packed`` is its gzip form, where that is smaller; ``tag`` names these very bytes."""

    content_type: str
    body: bytes
    packed: bytes | None
    tag: str


class WebFiles:
    """Every file of a folder that :data:`RULES` and :data:`VENDORED` name.

    Pages name their files with :attr:`version` in the address, and modules import each other by relative addresses: so
    a browser keeps a file for good, and never has some of today's and some of yesterday's.

    Read once; with ``follow``, for those who write them, again whenever one has changed, came or went.
    """

    def __init__(self, folder: Path, *, follow: bool = False) -> None:
        self._folder = folder
        self._follow = follow
        self._seen: dict[str, tuple[int, int]] = {}
        self._files: Mapping[str, WebFile] = {}
        self.version = ""
        self._read()

    def get(self, name: str, version: str = "") -> WebFile | None:
        """The file of this exact name, like ``console/main.js``; whoever asks for the present version gets that one."""
        if self._follow and version != self.version:
            self._read()
        return self._files.get(name)

    @property
    def missing(self) -> tuple[str, ...]:
        """What should have been installed and is not."""
        return tuple(name for name in VENDORED if self.get(name) is None)

    def _read(self) -> None:
        try:
            paths = dict(_named(self._folder))
            seen = {name: _stamp(path) for name, path in paths.items()}
            if seen == self._seen:
                return
            contents = {name: path.read_bytes() for name, path in paths.items()}
        except FileNotFoundError:
            # One went away while we looked; the next request looks again.
            return
        self.version = _version(contents)
        pages = {name: self._page(name, contents) for name in contents if name.endswith(".html")}
        self._files = {name: _file(name, body) for name, body in (contents | pages).items()}
        self._seen = seen

    def _page(self, name: str, contents: Mapping[str, bytes]) -> bytes:
        """A page with addresses that hold for these files only; the console's also names its modules, so that a browser
        asks for all at once and not for one level after another.
        """
        page = contents[name].decode()
        if name == SHELL:
            needed = [one for one in static_imports(contents) if one != START]
            links = "".join(f'<link rel="modulepreload" href="{PREFIX}{one}">\n' for one in needed)
            page = page.replace("</head>", links + "</head>", 1)
        return _ADDRESS.sub(self._address, page).encode()

    def _address(self, match: re.Match[str]) -> str:
        # A module asks for what is vendored by the one address that it knows.
        version = "" if match["name"] in VENDORED else f"{self.version}/"
        return f'{match["attribute"]}="{PREFIX}{version}{match["name"]}"'


def static_imports(contents: Mapping[str, bytes], start: str = START) -> list[str]:
    """A module and all that it needs before it runs, nearest first. Names that are not in ``contents`` are left out."""
    found = [start] if start in contents else []
    for name in found:
        for match in _STATIC_IMPORT.finditer(contents[name].decode()):
            needed = posixpath.normpath(posixpath.join(PREFIX, posixpath.dirname(name), match["name"]))
            needed = needed.removeprefix(PREFIX)
            if needed in contents and needed not in found:
                found.append(needed)
    return found


def _named(folder: Path) -> Iterator[tuple[str, Path]]:
    for rule in RULES:
        for path in sorted(folder.glob(rule)):
            # Editors keep locks and backups under names with a dot.
            if not path.name.startswith(".") and path.is_file():
                yield path.relative_to(folder).as_posix(), path
    for name, source in VENDORED.items():
        if (folder / source).is_file():
            yield name, folder / source


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def _version(contents: Mapping[str, bytes]) -> str:
    digest = sha256()
    for name, body in sorted(contents.items()):
        digest.update(sha256(name.encode()).digest() + sha256(body).digest())
    return digest.hexdigest()[:12]


def _file(name: str, body: bytes) -> WebFile:
    # Without a time stamp, the same file has the same bytes in every process.
    packed = gzip.compress(body, mtime=0) if len(body) >= _WORTH_PACKING else body
    return WebFile(
        content_type=_TYPES[name.rsplit(".", 1)[1]],
        body=body,
        packed=packed if len(packed) < len(body) else None,
        tag=sha256(body).hexdigest()[:16],
    )
