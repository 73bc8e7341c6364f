"""What the documents say of the program is what the program is."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import rest.endpoints
from adapters.mongo.indexes import IndexSpec
from rest.registry import endpoints_of
from tools.reference import metrics, settings, wire
from tools.render_docs import PAGES as RENDERED
from tools.render_docs import REFERENCE, ROOT, TYPES, rendered

OPERATIONS = (ROOT / "docs/operations.md").read_text()
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs/decisions").glob("0*.md"))
PACKAGES = ("adapters", "billing", "bootstrap", "realtime", "rest", "signaling", "tasks")

_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_METRIC = re.compile(r'"(rapport_[a-z_]+)"')
_FROM_CODE = re.compile(r"<!-- from code: [\w-]+ -->")


def links(page: Path) -> list[str]:
    """Where a page points within the project."""
    found = (match["target"] for match in _LINK.finditer(_FENCE.sub("", page.read_text())))
    return [target for target in found if "://" not in target]


def anchors(page: Path) -> set[str]:
    """What a link may name after ``#``: headings as forges slug them."""
    titles = (match["title"] for match in _HEADING.finditer(_FENCE.sub("", page.read_text())))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [REFERENCE, TYPES, *RENDERED], ids=str)
def test_a_page_says_what_the_code_says(page: Path) -> None:
    fresh = (ROOT / page).read_text() == rendered()[page]

    assert fresh, f"{page} is stale: run `make docs`"


def test_the_operations_page_takes_its_tables_from_the_code() -> None:
    assert len(_FROM_CODE.findall(OPERATIONS)) == 4


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "removed at that instant"),
        (7 * 86_400, "kept for 7 d"),
        (4 * 3600, "kept for 4 h"),
        (36 * 3600, "kept for 36 h"),
    ],
)
def test_the_reference_says_how_long_documents_are_kept(seconds: int, said: str) -> None:
    spec = IndexSpec("some", [("at", 1)], {"expireAfterSeconds": seconds})

    assert settings.index(spec) == f"`at` ({said})"


@pytest.mark.parametrize("variable", settings.variables())
def test_every_setting_is_explained(variable: str) -> None:
    assert f"| `{variable}` |" in OPERATIONS


def test_every_metric_is_explained() -> None:
    scraped = [*metrics.server_metrics(), *metrics.worker_metrics()]

    missing = {metrics.exposed_name(one) for one in scraped} - set(re.findall(r"`(rapport_\w+)`", OPERATIONS))

    assert len(scraped) > 20
    assert missing == set()


def test_no_metric_is_made_where_the_documents_do_not_look() -> None:
    sources = [file.read_text() for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    made = {name.removesuffix("_total") for source in sources for name in _METRIC.findall(source)}

    known = {one.name for one in (*metrics.server_metrics(), *metrics.worker_metrics())}

    assert made == known


def test_every_group_of_endpoints_is_in_the_reference() -> None:
    modules = [import_module(f"rest.endpoints.{one.name}") for one in iter_modules(rest.endpoints.__path__)]
    classes = {value for module in modules for value in vars(module).values() if isinstance(value, type)}

    assert {one for one in classes if endpoints_of(one)} == set(wire.GROUPS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_the_list_of_decisions_is_whole() -> None:
    listed = links(ROOT / "docs/decisions/README.md")

    assert listed == [page.name for page in DECISIONS]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_says_why_what_and_what_follows(page: Path) -> None:
    text = page.read_text()

    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequence"]
