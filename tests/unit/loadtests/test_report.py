"""The report says what was measured, fetches nothing, and lets nobody write into it."""

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from loadtests.load.histogram import Histogram
from loadtests.load.report import write_report
from loadtests.load.report.document import document
from loadtests.load.report.page import page
from loadtests.load.run import Outcome, Sample
from loadtests.load.scenarios import SCENARIOS
from loadtests.load.scenarios.base import Wish
from loadtests.load.seek import Ceiling, Probe
from loadtests.load.tally import Recorder, Strain, Tally
from loadtests.load.target import Target

EVIL = "<script>alert(1)</script>\"'&"


def tally(*, strain: Strain) -> Tally:
    """Three seconds of a hundred messages each, in 1 to 100 ms."""
    recorder = Recorder()
    recorder.counts[f"refused: {EVIL}"] += 1
    for _ in range(3):
        recorder.counts.update(sent=100, received=100)
        for value in range(1, 101):
            recorder.series("delivery").now[value * 1000] += 1
        recorder.roll()
    return recorder.tally(strain)


def outcome() -> Outcome:
    """A load with everything in it that a report can tell."""
    target = Target("http://127.0.0.1:8080", f"0.1 {EVIL}", 1.0, 0.0, sandbox=True)
    found = Outcome(
        SCENARIOS["signal"], Wish(target, 40, 100.0, 3.0), found=tally(strain=Strain(0.93, 1.0)), processes=1
    )
    found.samples = [Sample(1.0, 0.5, 100 * 2**20), Sample(3.0, 0.7, 120 * 2**20)]
    found.faults = [f"lost {EVIL}"]
    probes = [Probe(100.0, 5.0, True), Probe(200.0, 90.0, True)]
    found.ceiling = Ceiling(20.0, 100.0, 200.0, probes, "near enough")
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """A report as it lies in a folder."""

    told: dict[str, Any]
    html: str


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Of :func:`outcome`, beside peers; drawn once, for drawing takes a while."""
    folder = tmp_path_factory.mktemp("report")
    bench = folder / "bench.json"
    measure = {
        "title": "Relayed signal",
        "unit": "µs of CPU",
        "medians": {"ours": 20.5, EVIL: 40, "absent": None},
    }
    bench.write_text(json.dumps({"measures": [measure]}))
    data, html = write_report(outcome(), folder, bench)
    return Written(json.loads(data.read_text()), html.read_text())


class Page(HTMLParser):
    """Elements, what they refer to, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "data")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_json_has_every_figure_and_the_histogram_itself(report: Written) -> None:
    found, told = report.told["found"], report.told
    delivery = found["latencies"]["delivery"]

    assert found["counts"] == {"sent": 300, "received": 300, f"refused: {EVIL}": 1}
    assert delivery["count"] == 300
    assert delivery["percentiles"]["50"] == pytest.approx(50, rel=0.001)
    assert delivery["percentiles"]["99"] == pytest.approx(99, rel=0.001)
    assert Histogram.decoded(delivery["hdr"]).percentile(99) == delivery["percentiles"]["99"]
    assert len(told["perSecond"]) == 3
    assert told["server"] == [
        {"at": 1.0, "cpu": 0.5, "rss": 104857600},
        {"at": 3.0, "cpu": 0.7, "rss": 125829120},
    ]
    assert told["faults"] == [f"lost {EVIL}"]
    assert [probe["holds"] for probe in told["ceiling"]["probes"]] == [True, False]


def test_the_page_is_whole_by_itself(report: Written) -> None:
    seen = Page(report.html)

    assert seen.tags.count("svg") == 7, "latency twice, throughput, CPU, memory, the search, the peers"
    assert not {"script", "link", "img", "iframe", "object", "metadata"} & set(seen.tags)
    assert all(link.startswith("#") for link in seen.links)
    assert "@import" not in report.html
    assert "url(http" not in report.html
    for colour in ("#010203", "#040506", "#0a0001", "#0a0002", "#0a0003"):
        assert colour not in report.html, "colours are the page's, light and dark"


def test_the_page_shows_the_figures(report: Written) -> None:
    text = Page(report.html).text

    for shown in ("delivery, p99", "120 MiB", "100 /s", "near enough", "Relayed signal", "20.5", "93%"):
        assert shown in text


def test_every_latency_with_a_target_is_judged_by_its_own() -> None:
    found, recorder = outcome(), Recorder()
    recorder.series("found").now[60_000] += 1
    recorder.series("booked").now[60_000] += 1
    found.scenario, found.found = SCENARIOS["market"], recorder.tally(Strain(0.1))

    told = document(found)

    assert [(one["latency"], one["limitMs"], one["kept"]) for one in told["targets"]] == [
        ("found", 50.0, False),
        ("booked", 200.0, True),
    ]
    text = Page(page(told)).text
    assert "60.0" in text
    assert "missed" in text
    assert "kept" in text


def test_what_others_say_is_text(report: Written) -> None:
    assert "<script" not in report.html
    assert Page(report.html).text.count(EVIL) >= 4, "the version, the fault, the reason, the peer"


def test_faults_and_a_busy_generator_are_told_before_any_figure(report: Written) -> None:
    assert report.told["warnings"]
    assert report.html.index("itself at its limit") < report.html.index("<dl")
    assert report.html.index("lost &lt;script") < report.html.index("<dl")


def test_a_machine_that_was_busy_with_something_else_is_told_apart() -> None:
    found = outcome()
    found.found = tally(strain=Strain(0.1, 30.0))

    assert "something else on this machine" in found.warnings[0]


def test_a_load_without_latencies_or_a_server_to_see_is_a_page_without_plots() -> None:
    found = outcome()
    found.found, found.samples, found.ceiling = Tally({"received": 3}), [], None

    html = page(document(found))

    assert "<svg" not in html
    assert "could not be seen" in html
    assert "received" in Page(html).text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"measures": [{}]}'])
def test_what_is_no_bench_report_is_refused_before_anything_is_written(tmp_path: Path, text: str) -> None:
    bench = tmp_path / "bench.json"
    bench.write_text(text)

    with pytest.raises(ValueError, match="make bench"):
        write_report(outcome(), tmp_path / "out", bench)

    assert not (tmp_path / "out").exists()


def test_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ValueError, match=r"There is no report: .*file/out: Not a directory"):
        write_report(outcome(), tmp_path / "file" / "out")


def test_a_bench_report_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\(No such file or directory\)"):
        write_report(outcome(), tmp_path, tmp_path / "bench.json")
