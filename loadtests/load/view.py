"""A load as it happens, and what came of it, in a terminal."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from loadtests.load.run import Outcome, Sample, judged
from loadtests.load.scenarios.base import Scenario, Wish

#: Reasons of refusals are for the end.
_SHOWN = 8


class RichView:
    """Implements :class:`~loadtests.load.run.View`. Without a terminal it says each phase once."""

    def __init__(self, console: Console, scenario: Scenario, wish: Wish) -> None:
        self._console = console
        self._scenario = scenario
        self._wish = wish
        self._bar = Progress(
            TextColumn("[bold]{task.description}"), BarColumn(), TimeElapsedColumn(), console=console
        )
        self._task: TaskID | None = None
        self._what = "nothing yet"
        self._counts: Counter[str] = Counter()
        self._late: Mapping[str, float] = {}
        self._sample: Sample | None = None
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        told_rate = self._wish.rate and self._scenario.rate_is
        rate = f", {self._wish.rate:g} {self._scenario.rate_is}" if told_rate else ""
        told = f"{self._scenario.name} at {self._wish.target.url}: {self._wish.sockets} {self._scenario.sockets_are}"
        self._console.print(f"{told}{rate}")
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()
        if isinstance(error, asyncio.CancelledError):  # Ctrl-C
            self._console.print(self._ended_early())

    def phase(self, what: str, total: float = 0.0) -> None:
        """See :class:`~loadtests.load.run.View`."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=total or None)
        self._what = what
        self._counts, self._late = Counter(), {}
        if not self._console.is_terminal:
            self._console.print(f"  {what}")

    def reached(self, done: float) -> None:
        """See :class:`~loadtests.load.run.View`."""
        if self._task is not None:
            self._bar.update(self._task, completed=done)

    def counted(self, counts: Counter[str], late: Mapping[str, float]) -> None:
        """See :class:`~loadtests.load.run.View`."""
        self._counts, self._late = counts, late

    def sampled(self, sample: Sample) -> None:
        """See :class:`~loadtests.load.run.View`."""
        self._sample = sample

    def _ended_early(self) -> str:
        counted, late = ", ".join(self._counted()), ", ".join(self._late_now())
        so_far = f" So far: {counted}." if counted else ""
        then = f" 99th percentile of the last second: {late}." if late else ""
        return f"  Ended before its time, while at: {self._what}.{so_far}{then} There is no report."

    def _counted(self) -> list[str]:
        shown = [(name, count) for name, count in self._counts.items() if count and ":" not in name]
        return [f"{name} {count:,}" for name, count in shown[:_SHOWN]]

    def _late_now(self) -> list[str]:
        return [f"{name} {value:,.1f} ms" for name, value in self._late.items() if name != "lag"]

    def _render(self) -> Group:
        table = Table.grid(padding=(0, 3))
        table.add_row(*(Text(one) for one in self._counted()))
        late = self._late_now()
        lines = [Text("99th percentile now: " + ", ".join(late))] if late else []
        if self._sample is not None:
            lines.append(Text(f"server: {self._sample.cpu:.2f} cores, {self._sample.rss / 2**20:,.0f} MiB"))
        return Group(self._bar, table, *lines)


def _short(milliseconds: float) -> str:
    return f"{milliseconds:,.2f}" if milliseconds < 100 else f"{milliseconds:,.0f}"


def summary(console: Console, outcome: Outcome) -> None:
    """What came of it."""
    found, scenario = outcome.found, outcome.scenario
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for column in ("milliseconds", "count", "p50", "p90", "p99", "p99.9", "longest"):
        table.add_column(column, justify="left" if column == "milliseconds" else "right", no_wrap=True)
    for tally in (outcome.opened, found):
        for name in tally.latencies:
            values = tally.latency(name)
            figures = values.percentiles((50, 90, 99, 99.9))
            table.add_row(
                "own lag" if name == "lag" else name,
                f"{len(values):,}",
                *(_short(one) for one in (*figures.values(), values.longest)),
            )
    console.print(table)
    counts = {name: count for name, count in found.counts.items() if count}
    console.print("  " + ", ".join(f"{name} {count:,}" for name, count in counts.items()))
    if outcome.samples:
        cores = sum(one.cpu for one in outcome.samples) / len(outcome.samples)
        most = max(one.rss for one in outcome.samples) / 2**20
        count = found.count(scenario.counted)
        seconds = outcome.samples[-1].at
        each = f", {cores * seconds / count * 1e6:,.0f} µs for each {scenario.counted}" if count else ""
        console.print(f"  server: {cores:.2f} cores{each}, {most:,.0f} MiB")
    for one in judged(scenario, found):
        kept = "kept" if one.kept else "missed"
        console.print(f"  {one.name}: p99 {_short(one.p99)} ms, target {one.limit:g} ms: [bold]{kept}[/bold]")
    if outcome.ceiling is not None:
        ceiling = outcome.ceiling
        least = "" if ceiling.beyond else "at least "
        told = f"{least}{ceiling.rate:,.0f} {scenario.rate_is}" if ceiling.rate else "not even the first rate"
        console.print(
            f"  [bold]Ceiling at p99 ≤ {ceiling.limit:g} ms ({scenario.headline}): {told}[/bold] ({ceiling.because})"
        )
    for warning in outcome.warnings:
        console.print(f"  [yellow]{warning}[/yellow]")
    for fault in outcome.faults:
        console.print(f"  [red]{fault}[/red]")
