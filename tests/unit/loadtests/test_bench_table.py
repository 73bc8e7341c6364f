"""The table that is printed, and the report that is written, of figures made up here."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtests.bench import report, table
from loadtests.bench.columns import FLOOR, NODE, RAPPORT, Column
from loadtests.bench.growth import Row
from loadtests.bench.leak import Level
from loadtests.bench.report import Findings
from loadtests.bench.run import Results
from loadtests.load.report.peers import read_peers


def results(*columns: Column) -> Results:
    found = Results()
    costs = {RAPPORT.name: [20e-6, 24e-6], NODE.name: [30e-6, 30e-6], FLOOR.name: [16e-6, 16e-6]}
    for column in columns:
        found.runtimes[column.name] = "Something 1.0"
        for cost in costs[column.name]:
            found.add("relay", column, cost, busy=0.9)
    return found


def findings(found: Results) -> Findings:
    machine = {"processor": "P & Q", "cores": "2", "memory": "8 GiB", "system": "Linux", "python": "3"}
    return Findings(
        found,
        machine,
        "servers on core 0",
        2,
        grown=[Row(1, 100, 20e-6, 10e-6, 1e-3)],
        levels=[Level(0, 1000, 10, 0), Level(100, 1000, 10, 0), Level(200, 1200, 30, 0)],
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written report: drawing takes longer than all the rest here."""
    into = tmp_path_factory.mktemp("bench")
    report.write(findings(results(FLOOR, NODE, RAPPORT)), into)
    return into


def test_a_row_has_each_columns_median_and_spread() -> None:
    heading, row = table.rows(results(FLOOR, RAPPORT))
    assert heading == ["", "bare aiohttp", "Rapport"]
    assert row[1:] == ["16.0 µs (16.0–16.0)", "22.0 µs (20.0–24.0)"]


def test_a_target_shows_ratio_spread_and_verdict() -> None:
    _, node, floor = table.verdicts(results(FLOOR, NODE, RAPPORT))
    assert node[2:] == ["1.38 × (1.25–1.5)", "met"]
    assert floor[2:] == ["1.38 × (1.25–1.5)", "met"]


def test_a_missed_target_says_so() -> None:
    found = results(FLOOR, NODE, RAPPORT)
    found.figures["relay"][RAPPORT.name] = [40e-6, 40e-6]
    assert [row[3] for row in table.verdicts(found)[1:]] == ["MISSED", "MISSED"]


def test_a_column_that_is_not_there_is_named_with_its_reason() -> None:
    found = results(FLOOR, RAPPORT)
    found.missing[NODE.name] = "Node.js is not on PATH"
    text = table.text(found)
    assert "no column node: Node.js is not on PATH" in text
    assert "not measured" in text
    assert "Node socket.io" not in text


def test_the_written_report_can_be_read_as_peers_of_a_load(folder: Path) -> None:
    (read,) = read_peers(folder / "bench.json")
    assert list(read.medians) == ["Rapport", "bare aiohttp", "Node socket.io"]
    assert read.medians["Rapport"] == pytest.approx(22.0)
    assert read.unit == "µs"


def test_the_page_escapes_what_the_machine_calls_itself(folder: Path) -> None:
    page = (folder / "bench.html").read_text()
    assert "P &amp; Q" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/", "")


def test_growth_and_leak_are_in_the_report(folder: Path) -> None:
    told = json.loads((folder / "bench.json").read_text())
    assert told["growth"][0]["sockets"] == 100
    assert told["leak"]["bytesPerCycle"] == pytest.approx(2.0)
    assert told["leak"]["objectsPerCycle"] == pytest.approx(0.2)
    page = (folder / "bench.html").read_text()
    assert "2.0 bytes and 0.200 objects more per cycle" in page


def test_the_readme_gets_both_tables_and_the_machine(folder: Path) -> None:
    text = (folder / "bench.md").read_text()
    assert "| bare aiohttp | Node socket.io | Rapport |" in text
    assert "at least 1.3 × Node's messages per core" in text
    assert "P & Q, 2 cores" in text
