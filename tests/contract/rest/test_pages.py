"""What a browser gets when a person opens an address, and with which protection."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from yarl import URL

from rest.headers import PAGE_POLICY
from rest.pages import CONSOLE
from rest.web_files import WebFiles, static_imports
from tests.support.door import SETTINGS, Door, open_door
from tests.support.house import House

WEB = Path(__file__).parents[3] / "web"
PATHS = [re.sub(r"{\w+}", "0123456789abcdef01234567", path) for path in CONSOLE]
#: Bytes of the first load: a promise to those with a slow line.
BUDGET = 150_000
HTML = {"Accept": "text/html,application/xhtml+xml"}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.mark.parametrize("path", PATHS)
async def test_every_address_of_the_console_is_the_one_page(empty_door: Door, path: str) -> None:
    answer = await empty_door.stranger().get(path)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert re.search(rb'src="/web/[0-9a-f]{12}/console/main.js"', answer.body)


def test_the_server_and_the_console_know_the_same_addresses() -> None:
    known = re.findall(r'path: "(/[^"]*)"', (WEB / "console/main.js").read_text())

    assert known
    assert {"/", *known} == set(CONSOLE)


@pytest.mark.parametrize(("path", "words"), [("/about", b"Three doors"), ("/docs", b"API documents")])
async def test_other_pages_are_at_their_address(empty_door: Door, path: str, words: bytes) -> None:
    answer = await empty_door.stranger().get(path)

    assert answer.status == 200
    assert words in answer.body


@pytest.mark.parametrize("path", ["/docs", "/about", "/call/0123456789abcdef01234567", "/coaches/a%2Fb"])
async def test_a_slash_too_many_leads_to_the_page(empty_door: Door, path: str) -> None:
    answer = await empty_door.stranger().get(f"{path}/?q=a%20b", allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (308, f"{path}?q=a%20b")


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "/call//evil.example/"])
async def test_no_address_leads_away(empty_door: Door, path: str) -> None:
    answer = await empty_door.stranger().get(path, allow_redirects=False)

    assert answer.status == 404
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("style.css", "text/css"),
        ("docs.js", "text/javascript"),
        ("about.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
        ("vendor/socket.io.js", "text/javascript"),
    ],
)
async def test_files_have_their_type(empty_door: Door, name: str, kind: str) -> None:
    answer = await empty_door.stranger().get(f"/web/{name}")

    assert (answer.status, answer.headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")


async def test_every_module_of_the_client_and_the_console_is_served(empty_door: Door) -> None:
    modules = [path.relative_to(WEB) for part in ("client", "console") for path in (WEB / part).rglob("*.js")]

    for module in modules:
        answer = await empty_door.stranger().get(f"/web/{module.as_posix()}", headers=PLAIN)
        assert (answer.status, answer.body) == (200, (WEB / module).read_bytes()), module


@pytest.mark.parametrize(
    "path",
    [
        "/web/",
        "/web/nothing.js",
        "/web/index.html",
        "/web/package.json",
        "/web/.npmrc",
        "/web/__init__.py",
        "/web/node_modules/socket.io-client/package.json",
        "/web/../pyproject.toml",
        "/web/%2e%2e/pyproject.toml",
        "/web/..%2fpyproject.toml",
        "/web/console/..%5c..%5cpyproject.toml",
        "/web//etc/passwd",
        "/web/style.css%00.js",
    ],
)
async def test_what_is_not_named_is_not_there(empty_door: Door, path: str) -> None:
    caller = empty_door.stranger()
    async with caller.session.get(URL(caller.url + path, encoded=True), headers=HTML) as response:
        assert response.status == 404
        assert response.content_type == "application/problem+json"


async def test_somebody_who_follows_a_link_to_nowhere_gets_a_page_and_a_program_a_problem(
    empty_door: Door,
) -> None:
    stranger = empty_door.stranger()
    person = await stranger.get("/nowhere", headers=HTML)
    program = await stranger.get("/nowhere", headers={"Accept": "*/*"})
    api = await stranger.get("/api/nowhere", headers=HTML)
    sender = await stranger.call("POST", "/nowhere", headers=HTML)

    assert (person.status, b"/console/main.js" in person.body) == (404, True)
    assert [(one.status, one.code) for one in (program, api, sender)] == [(404, "NOT_FOUND")] * 3


async def test_a_page_takes_no_other_method(empty_door: Door) -> None:
    for path in ("/", "/web/style.css", "/about"):
        answer = await empty_door.stranger().call("POST", path, headers=HTML)
        assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("br", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("", False),
    ],
)
async def test_a_file_is_packed_for_who_can_unpack_it(empty_door: Door, accepts: str, packed: bool) -> None:
    caller = empty_door.stranger()
    async with caller.session.get(
        f"{caller.url}/web/style.css", headers={"Accept-Encoding": accepts}, auto_decompress=False
    ) as response:
        body = await response.read()

    assert (response.headers.get("Content-Encoding") == "gzip") is packed
    assert (gzip.decompress(body) if packed else body) == (WEB / "style.css").read_bytes()
    assert "Accept-Encoding" in response.headers.getall("Vary")
    assert int(response.headers["Content-Length"]) == len(body)


async def test_the_documents_that_a_page_reads_are_packed(empty_door: Door) -> None:
    plain = (await empty_door.stranger().get("/openapi.json", headers=PLAIN)).body

    assert orjson.loads(plain)["openapi"] == "3.1.0"
    assert await transferred(empty_door, "/openapi.json") < len(plain) / 5


@pytest.mark.parametrize("accepts", ["gzip", "identity"])
@pytest.mark.parametrize("path", ["/web/style.css", "/", "/docs"])
async def test_an_unchanged_file_is_not_sent_twice(empty_door: Door, path: str, accepts: str) -> None:
    stranger, headers = empty_door.stranger(), {"Accept-Encoding": accepts}
    first = await stranger.get(path, headers=headers)
    same = [first.headers["ETag"], f"W/{first.headers['ETag']}", f'"other", {first.headers["ETag"]}', "*"]
    again = [await stranger.get(path, headers=headers | {"If-None-Match": tag}) for tag in same]
    other = await stranger.get(path, headers=headers | {"If-None-Match": '"other"'})

    assert {(one.status, one.body) for one in again} == {(304, b"")}
    assert (other.status, other.body) == (200, first.body)
    # A browser takes the headers of its copy from this answer.
    for one in again:
        for name in ("ETag", "Cache-Control", "Content-Security-Policy", "Cross-Origin-Resource-Policy"):
            assert one.headers[name] == first.headers[name]


@pytest.mark.parametrize("path", ["/", "/web/style.css", "/nowhere"])
async def test_who_asks_for_the_head_gets_that_of_the_whole(empty_door: Door, path: str) -> None:
    stranger = empty_door.stranger()
    whole = await stranger.get(path, headers=HTML)
    head = await stranger.call("HEAD", path, headers=HTML)
    part = await stranger.get(path, headers=HTML | {"Range": "bytes=0-9"})

    assert (head.status, head.body) == (whole.status, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Content-Encoding"):
        assert head.headers[name] == whole.headers[name]
    # Parts are not given: whoever asks for one gets all, and is told so by the status.
    assert (part.status, part.body) == (whole.status, whole.body)


async def test_a_file_of_this_version_is_kept_for_good_and_any_other_is_asked_for_again(
    empty_door: Door,
) -> None:
    stranger, version = empty_door.stranger(), empty_door.door.pages.version
    ours = await stranger.get(f"/web/{version}/style.css")
    others = [await stranger.get(path) for path in ("/web/style.css", "/web/0123456789ab/style.css")]
    page = await stranger.get("/")

    assert ours.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert [one.headers["Cache-Control"] for one in (*others, page)] == ["no-cache"] * 3
    assert [one.body for one in others] == [ours.body] * 2
    assert (await stranger.get(f"/web/{version}/index.html")).status == 404
    assert (await stranger.get(f"/web/{version}/nothing.js")).status == 404


async def test_both_forms_of_a_file_have_tags_of_their_own(empty_door: Door) -> None:
    stranger = empty_door.stranger()
    tags = {
        (await stranger.get("/web/style.css", headers={"Accept-Encoding": one})).headers["ETag"]
        for one in ("gzip", "identity")
    }

    assert len(tags) == 2


async def test_a_page_may_use_camera_and_microphone_and_runs_nothing_foreign(empty_door: Door) -> None:
    for path in ("/", "/about", "/docs", "/call/0123456789abcdef01234567"):
        headers = (await empty_door.stranger().get(path)).headers
        assert headers["Content-Security-Policy"] == PAGE_POLICY
        assert headers["Permissions-Policy"].startswith("camera=(self), microphone=(self), ")
    for part in (
        "default-src 'none'",
        "script-src 'self';",
        "require-trusted-types-for 'script'",
        "form-action 'none'",
    ):
        assert part in PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY


async def test_no_other_site_may_load_our_files(empty_door: Door) -> None:
    for path in ("/", "/web/style.css", "/web/docs.js", "/openapi.json"):
        headers = (await empty_door.stranger().get(path)).headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_opening_the_console_takes_nothing_from_the_limits(house: House) -> None:
    async for door in open_door(house, replace(SETTINGS, address_limit=2)):
        stranger = door.stranger()
        statuses = {(await stranger.get("/web/style.css")).status for _ in range(10)}

        assert statuses == {200}


async def test_without_its_dependency_the_console_says_what_to_do(
    empty_door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare = tmp_path / "web"
    bare.mkdir()
    for name in ("index.html", "not-installed.html", "about.html"):
        (bare / name).write_bytes((WEB / name).read_bytes())
    monkeypatch.setattr(empty_door.door.pages, "_files", WebFiles(bare))

    for path in ("/", "/desk"):
        answer = await empty_door.stranger().get(path)
        assert answer.status == 503
        assert b"make install" in answer.body
    assert (await empty_door.stranger().get("/about")).status == 200


def test_no_script_of_ours_makes_html_out_of_text() -> None:
    """``trusted-types 'none'`` would stop it in a browser; this finds it earlier."""
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
    )
    scripts = [path for path in WEB.rglob("*.js") if "node_modules" not in path.parts]

    assert len(scripts) > 2
    assert [path.name for path in scripts if forbidden.search(path.read_text())] == []


async def test_the_first_load_stays_small(empty_door: Door) -> None:
    """All that is fetched before somebody does something: the page, what it names, and the largest page's modules."""
    stranger = empty_door.stranger()
    page = (await stranger.get("/")).body.decode()
    named = set(re.findall(r'(?:href|src)="(/[^"]+)"', page)) - {"/about"}
    prefix = f"/web/{empty_door.door.pages.version}/"
    assert {f"{prefix}style.css", f"{prefix}console/main.js", "/web/vendor/socket.io.js"} <= named

    contents = {
        path.relative_to(WEB).as_posix(): path.read_bytes()
        for part in ("client", "console")
        for path in (WEB / part).rglob("*.js")
    }
    pages = [name for name in contents if name.startswith("console/pages/")]
    later = {name: {prefix + one for one in static_imports(contents, name)} - named for name in pages}
    sizes = {path: await transferred(empty_door, path) for path in {"/", *named}.union(*later.values())}
    first = sum(sizes[path] for path in ("/", *named))
    loads = {name: first + sum(sizes[path] for path in paths) for name, paths in later.items()}

    assert len(pages) > 5
    assert max(loads.values(), default=first) < BUDGET, {
        name: size for name, size in loads.items() if size >= BUDGET
    }


async def transferred(door: Door, path: str) -> int:
    """Bytes of an answer as a browser gets it: packed, with its headers."""
    caller = door.stranger()
    async with caller.session.get(
        caller.url + path, headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    ) as response:
        assert response.status == 200, path
        head = sum(len(name) + len(value) + 4 for name, value in response.raw_headers)
        return head + len(await response.read())
