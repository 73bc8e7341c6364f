"""Which files of a folder are served, and in what form."""

import gzip
import os
import tomllib
from pathlib import Path

import pytest

from rest.web_files import RULES, VENDORED, WebFiles, static_imports

LONG = b"// a module with a great deal to say\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "index.html", b"<head>\n</head>")
    write(tmp_path, "console/main.js", b'import { a } from "./deep/a.js";\n')
    write(tmp_path, "console/deep/a.js", LONG)
    return tmp_path


def write(folder: Path, name: str, body: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    # Two writes within one tick of the file system's clock would look like none.
    stamp = path.stat().st_mtime_ns + 1_000_000 * len(body)
    os.utime(path, ns=(stamp, stamp))


def body_of(files: WebFiles, name: str) -> bytes:
    found = files.get(name)
    assert found is not None
    return found.body


@pytest.mark.parametrize(
    "name",
    [
        "package.json",
        "__init__.py",
        "client/types.d.ts",
        "client/deep/x.js",
        "node_modules/x/index.js",
        "console/.#main.js",
        "other/x.js",
        "console/x.json",
    ],
)
def test_what_no_rule_names_is_not_served(folder: Path, name: str) -> None:
    write(folder, name, b"x")

    assert WebFiles(folder).get(name) is None


@pytest.mark.parametrize(
    "name", ["", "/", "..", "../x", "console", "console/../index.html", "console//main.js"]
)
def test_a_name_is_a_name_and_no_path(folder: Path, name: str) -> None:
    assert WebFiles(folder).get(name) is None


def test_a_dependency_is_served_under_a_name_of_ours(folder: Path) -> None:
    assert WebFiles(folder).missing == tuple(VENDORED)
    for source in VENDORED.values():
        write(folder, source, b"export {};")

    files = WebFiles(folder)

    assert files.missing == ()
    assert body_of(files, "vendor/socket.io.js") == b"export {};"


def test_a_file_is_packed_where_that_makes_it_smaller(folder: Path) -> None:
    files = WebFiles(folder)
    long, short = files.get("console/deep/a.js"), files.get("console/main.js")

    assert long is not None
    assert short is not None
    assert long.packed is not None
    assert gzip.decompress(long.packed) == LONG
    assert len(long.packed) < len(LONG) / 2
    assert short.packed is None


def test_what_is_served_is_also_packed_for_installing() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())

    assert project["tool"]["setuptools"]["package-data"]["web"] == [*RULES, *VENDORED.values()]


def test_a_tag_is_the_same_in_every_process_and_another_for_other_bytes(folder: Path) -> None:
    first, second = WebFiles(folder).get("console/main.js"), WebFiles(folder).get("console/main.js")
    write(folder, "console/main.js", b"export {};\n")
    changed = WebFiles(folder).get("console/main.js")

    assert first == second
    assert first is not None
    assert changed is not None
    assert first.tag != changed.tag


def test_files_are_read_once_unless_somebody_is_writing_them(folder: Path) -> None:
    kept, followed = WebFiles(folder), WebFiles(folder, follow=True)

    write(folder, "console/main.js", b'import "./new.js";\n')
    write(folder, "console/new.js", b"export {};\n")
    (folder / "console/deep/a.js").unlink()

    assert b"deep/a.js" in body_of(kept, "console/main.js")
    assert kept.get("console/new.js") is None
    assert body_of(followed, "console/new.js") == b"export {};\n"
    assert followed.get("console/deep/a.js") is None
    assert f'href="/web/{followed.version}/console/new.js"' in body_of(followed, "index.html").decode()
    assert followed.version != kept.version


def test_the_files_of_a_version_stay_together_while_somebody_is_writing_them(folder: Path) -> None:
    files = WebFiles(folder, follow=True)
    version, before = files.version, files.get("console/main.js")
    write(folder, "console/main.js", b"export {};\n")

    assert files.get("console/main.js", version) == before
    assert files.get("console/main.js", "0123456789ab") != before
    assert files.version != version


def test_the_page_names_all_modules_that_its_start_needs_at_addresses_that_hold_for_good(
    folder: Path,
) -> None:
    for source in VENDORED.values():
        write(folder, source, b"export {};")
    write(folder, "console/deep/a.js", b'import { io } from "/web/vendor/socket.io.js";')
    write(
        folder, "index.html", b'<head><script src="/web/console/main.js"></script>\n</head><a href="/about">'
    )
    files = WebFiles(folder)

    assert body_of(files, "index.html").decode().splitlines() == [
        f'<head><script src="/web/{files.version}/console/main.js"></script>',
        f'<link rel="modulepreload" href="/web/{files.version}/console/deep/a.js">',
        '<link rel="modulepreload" href="/web/vendor/socket.io.js">',
        '</head><a href="/about">',
    ]


def test_the_version_changes_with_every_file_and_with_nothing_else(folder: Path) -> None:
    first, same = WebFiles(folder).version, WebFiles(folder).version
    (folder / "console/deep/a.js").rename(folder / "console/deep/b.js")
    renamed = WebFiles(folder).version
    write(folder, "console/deep/b.js", LONG + b"\n")

    assert first == same
    assert len({first, renamed, WebFiles(folder).version}) == 3


def test_only_static_imports_are_needed_before_a_module_runs() -> None:
    contents = {
        "console/main.js": b"""\
import { one,
  two as other } from "./one.js";
import "../client/two.js";
import * as three from "/web/vendor/three.js";
import four, { five } from "./four.js";
export { six } from "./six.js";
export const seven = "./seven.js";
const eight = await import("./eight.js");
import nine from "https://nine.example/nine.js";
 * import { ten } from "./ten.js";
""",
        "console/one.js": b'export * from "./late.js";\nimport "./main.js";',
        "console/late.js": b"",
        "client/two.js": b"",
        "vendor/three.js": b"",
        "console/four.js": b"",
        "console/six.js": b"",
        "console/seven.js": b"",
        "console/eight.js": b"",
        "console/ten.js": b"",
    }

    assert static_imports(contents) == [
        "console/main.js",
        "console/one.js",
        "client/two.js",
        "vendor/three.js",
        "console/four.js",
        "console/six.js",
        "console/late.js",
    ]
