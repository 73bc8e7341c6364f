"""The table in text and in Markdown: medians, and each target with what was found and whether that meets it."""

from collections.abc import Sequence

from loadtests.bench.arithmetic import Spread, spread
from loadtests.bench.columns import ALL, Column
from loadtests.bench.run import Results
from loadtests.bench.targets import MEASURES, OURS, Measure, Verdict, judge

_MARKS = {True: "met", False: "MISSED", None: "not measured"}


def rows(results: Results) -> list[list[str]]:
    """A heading, and one row per measure: medians by column."""
    columns = _present(results)
    table = [["", *(column.title for column in columns)]]
    for measure in MEASURES:
        found = results.figures.get(measure.name)
        if found:
            table.append([measure.title, *(_median(measure, found.get(column.name)) for column in columns)])
    return table


def verdicts(results: Results) -> list[list[str]]:
    """A heading, and one row per target: measure, target, ratio with its spread, verdict."""
    titles = {measure.name: measure.title for measure in MEASURES}
    table = [["measure", f"target for {OURS}", "found", ""]]
    for verdict in judge(results.figures):
        if verdict.target.measure in results.figures:
            found = _ratio(verdict.found)
            table.append([titles[verdict.target.measure], verdict.target.words, found, _MARKS[verdict.met]])
    return table


def text(results: Results) -> str:
    """Both tables, aligned, and what is missing."""
    parts = [_aligned(rows(results)), _aligned(verdicts(results))]
    parts += [f"no column {name}: {why}" for name, why in results.missing.items()]
    parts += ["\n".join(f"note: {warning}" for warning in results.warnings())]
    return "\n\n".join(part for part in parts if part)


def met(found: Sequence[Verdict]) -> bool:
    """Whether no target was missed."""
    return all(verdict.met is not False for verdict in found)


def _present(results: Results) -> list[Column]:
    there = {name for columns in results.figures.values() for name in columns}
    return [column for column in ALL if column.name in there]


def _median(measure: Measure, values: Sequence[float | None] | None) -> str:
    found = [value for value in values or () if value is not None]
    if not found:
        return "–"
    known = spread(found).scaled(measure.scale)
    digits = measure.digits
    return f"{known.median:.{digits}f} {measure.unit} ({known.low:.{digits}f}–{known.high:.{digits}f})"


def _ratio(found: Spread | None) -> str:
    return "–" if found is None else f"{found.median:.3g} × ({found.low:.3g}–{found.high:.3g})"


def _aligned(table: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]])
