"""What a run found: as JSON, which ``rapport load --bench`` reads too, as a page, as Markdown and a plot for the README."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.bench import growth, leak, page, table
from loadtests.bench.arithmetic import spread
from loadtests.bench.columns import ALL
from loadtests.bench.run import Results
from loadtests.bench.targets import MEASURES, OURS, Measure, judge
from loadtests.ticks import Result as Ticks

#: Of the shape below.
VERSION = 1


@dataclass(slots=True)
class Findings:
    """Everything that one call of the benchmark found."""

    results: Results
    machine: dict[str, str]
    cores: str
    alternations: int
    grown: Sequence[growth.Row] = ()
    levels: Sequence[leak.Level] = ()
    ticks: Ticks | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def document(found: Findings) -> dict[str, Any]:
    """Everything, in the units of the table; ``raw`` has each alternation with its circumstances, in seconds and bytes."""
    results = found.results
    return {
        "version": VERSION,
        "at": found.at.isoformat(timespec="seconds"),
        "machine": found.machine,
        "cores": found.cores,
        "alternations": found.alternations,
        "columns": [
            {"name": one.name, "title": one.title, "does": one.does, "runtime": results.runtimes[one.name]}
            for one in ALL
            if one.name in results.runtimes
        ],
        "missing": results.missing,
        "warnings": results.warnings(),
        "measures": [_measure(one, results) for one in MEASURES if one.name in results.figures],
        "targets": _targets(results),
        "growth": growth.to_wire(found.grown),
        "leak": _leak(found.levels),
        "ticks": None if found.ticks is None else found.ticks.as_json() | {"table": found.ticks.table()},
        "raw": {"figures": results.figures, "notes": results.notes},
    }


def write(found: Findings, folder: Path) -> list[Path]:
    """Write ``bench.json``, ``bench.html``, ``bench.md`` and ``bench.svg``."""
    told = document(found)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "bench.json": json.dumps(told, indent=1) + "\n",
        "bench.html": page.page(told),
        "bench.md": page.markdown(told, table.rows(found.results), table.verdicts(found.results)),
        "bench.svg": page.picture(told),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def _measure(measure: Measure, results: Results) -> dict[str, Any]:
    found = results.figures[measure.name]
    # Ours first: that is the bar which plots show in colour.
    order = sorted((one.name for one in ALL if one.name in found), key=lambda name: name != OURS)
    titles = {one.name: one.title for one in ALL}
    figures = {name: [value for value in found[name] if value is not None] for name in order}
    spreads = {name: spread(known).scaled(measure.scale) for name, known in figures.items() if known}
    return {
        "name": measure.name,
        "title": measure.title,
        "unit": measure.unit,
        "digits": measure.digits,
        "medians": {titles[name]: one.median for name, one in spreads.items()},
        "spreads": {titles[name]: [one.low, one.high] for name, one in spreads.items()},
    }


def _targets(results: Results) -> list[dict[str, Any]]:
    return [
        {
            "measure": verdict.target.measure,
            "peer": verdict.target.peer,
            "words": verdict.target.words,
            "limit": verdict.target.limit,
            "found": None if verdict.found is None else asdict(verdict.found),
            "met": verdict.met,
        }
        for verdict in judge(results.figures)
        if verdict.target.measure in results.figures
    ]


def _leak(levels: Sequence[leak.Level]) -> dict[str, Any] | None:
    if len(levels) < 3:
        return None
    slope, objects = leak.growth(levels[1:])
    return {
        "levels": [asdict(level) for level in levels],
        "kinds": leak.KINDS,
        "bytesPerCycle": slope,
        "objectsPerCycle": objects,
    }
