"""The report as one HTML page: no script, nothing fetched, readable on a telephone, light and dark."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from loadtests.load.report import plots
from loadtests.load.report.parts import figure, table, whole
from loadtests.load.report.peers import Compared
from loadtests.load.report.plots import Line

#: 1 / (1 - percentile): a logarithmic axis gives every nine the same room.
_NINES = {
    1: "0 %",
    2: "50 %",
    10: "90 %",
    100: "99 %",
    1_000: "99.9 %",
    10_000: "99.99 %",
    100_000: "99.999 %",
}

_READING = (
    '<p class="small">Latency counts from the instant at which a message was due, not from when it was sent: a server that '
    "stalls makes everything late that was due meanwhile. p99: 99 of 100 were at most this late.</p>"
)


def page(told: Mapping[str, Any], peers: Sequence[Compared] | None = None) -> str:
    """From :func:`~loadtests.load.report.document.document`'s report. Whatever comes from outside is escaped."""
    title = f"Load: {told['scenario']}"
    sections = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(told['summary'])}</p>",
        _asked(told),
        _notes("bad", told["faults"]),
        _notes("", told["warnings"]),
        _figures(told),
        _targets(told),
        '<section class="plots">',
        *_plots(told),
        *(plot for one in peers or () for plot in _peer(one)),
        "</section>",
        _latencies(told),
        _counts(told),
        _generator(told),
        _READING,
    ]
    return whole(title, sections)


def _asked(told: Mapping[str, Any]) -> str:
    asked, target, machine = told["asked"], told["target"], told["machine"]
    begin = "from " if told["ceiling"] is not None else ""
    rate = f", {begin}{asked['rate']:,g} {asked['rateIs']}" if asked["rate"] and asked["rateIs"] else ""
    for_how_long = f"for {asked['seconds']:g} s, by {asked['processes']} generator processes"
    what = f"{asked['sockets']:,} {asked['socketsAre']}{rate}, {for_how_long}"
    where = f"{target['url']} (version {target['version']}, processes seen: {target['processes']})"
    hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}"
    on = f"{hardware}, {machine['system']}, Python {machine['python']}"
    return "".join(f'<p class="small">{escape(line)}</p>' for line in (what, where, f"{on}. {told['at']}"))


def _notes(kind: str, notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return f'<div class="told {kind}">' + "".join(f"<p>{escape(note)}</p>" for note in notes) + "</div>"


def _figures(told: Mapping[str, Any]) -> str:
    found, name = told["found"], told["headline"]
    shown: list[tuple[str, str]] = []
    if told["ceiling"] is not None:
        ceiling = told["ceiling"]
        least = "" if ceiling["beyond"] else "at least "
        rate = f"{least}{ceiling['rate']:,.0f} /s" if ceiling["rate"] else "none found"
        shown.append((f"ceiling at p99 ≤ {ceiling['limitMs']:g} ms", rate))
    count, seconds = found["counts"].get(told["counted"], 0), max(1, len(told["perSecond"]))
    shown.append((f"{told['counted']} a second", _short(count / seconds)))
    latency = found["latencies"].get(name) or told["opened"]["latencies"].get(name)
    if latency:
        for percent in ("50", "99", "99.9"):
            if _tells(latency, percent):
                value = _short(latency["percentiles"][percent], 2)
                shown.append((f"{name}, p{percent}", f"{value} ms"))
    if told["server"]:
        cores = sum(one["cpu"] for one in told["server"]) / len(told["server"])
        shown.append(("server, cores used", f"{cores:.2f}"))
        if count:
            each = cores * told["server"][-1]["at"] / count * 1e6
            shown.append((f"server CPU for each {told['counted']}", f"{each:,.0f} µs"))
        shown.append(("server, memory", f"{max(one['rss'] for one in told['server']) / 2**20:,.0f} MiB"))
    tiles = (f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in shown)
    return f'<dl class="figures">{"".join(tiles)}</dl>'


def _targets(told: Mapping[str, Any]) -> str:
    if not told["targets"]:
        return ""
    rows = [
        [
            one["latency"], f"{one['count']:,}", _short(one["p99"], 2), f"{one['limitMs']:g}",
            "kept" if one["kept"] else "missed",
        ]
        for one in told["targets"]
    ]  # fmt: skip
    head = ["milliseconds", "count", "p99", "target", "it was"]
    return "<section><h2>Targets</h2>" + table(head, rows) + "</section>"


def _plots(told: Mapping[str, Any]) -> list[str]:
    found = [
        _over_time(told),
        _curve(told),
        _throughput(told),
        _server(told, "cpu", "Server CPU", "cores", 1),
        _server(told, "rss", "Server memory", "MiB", 2**20),
        _search(told),
    ]
    return [one for one in found if one]


def _over_time(told: Mapping[str, Any]) -> str:
    name = told["headline"]
    points = [
        (second, one["latencies"][name])
        for second, one in enumerate(told["perSecond"])
        if name in one["latencies"]
    ]
    if not points:
        return ""
    title = f"Latency over time: {name}"
    them = [
        Line(label, [second for second, _ in points], [max(at[key], 0.001) for _, at in points])
        for key, label in (("p50", "p50"), ("p99", "p99"), ("longest", "longest"))
    ]
    return figure(title, plots.lines(title, them, "seconds", "milliseconds", log_y=True))


def _curve(told: Mapping[str, Any]) -> str:
    """All latencies there are; a percentile is drawn only where there are values enough to tell it."""
    them = []
    latencies = told["found"]["latencies"] or told["opened"]["latencies"]
    names = [told["headline"], *(name for name in latencies if name not in (told["headline"], "lag"))]
    for name in [name for name in names if name in latencies][:4]:
        one = latencies[name]
        points = [
            (1 / (1 - float(percent) / 100), max(value, 0.001))
            for percent, value in one["percentiles"].items()
            if _tells(one, percent)
        ]
        them.append(Line(name, [x for x, _ in points], [y for _, y in points]))
    if not them:
        return ""
    most = max(max(line.xs, default=1) for line in them)
    marks: dict[float, str] = {at: label for at, label in _NINES.items() if at <= most * 1.01}
    title = "Latency by percentile"
    return figure(title, plots.lines(title, them, "percentile", "milliseconds", log_x=marks, log_y=True))


def _throughput(told: Mapping[str, Any]) -> str:
    names = [
        name
        for name in (told["offered"], told["counted"])
        if any(name in one["counts"] for one in told["perSecond"])
    ]
    if len(told["perSecond"]) < 2 or not names:
        return ""
    seconds = range(len(told["perSecond"]))
    them = [
        Line(name, list(seconds), [one["counts"].get(name, 0) for one in told["perSecond"]])
        for name in dict.fromkeys(names)
    ]
    title = "Throughput"
    return figure(title, plots.lines(title, them, "seconds", "a second"))


def _server(told: Mapping[str, Any], key: str, title: str, unit: str, each: float) -> str:
    samples = told["server"]
    if not samples:
        return ""
    line = Line(title, [one["at"] for one in samples], [one[key] / each for one in samples])
    return figure(title, plots.lines(title, [line], "seconds", unit))


def _search(told: Mapping[str, Any]) -> str:
    if told["ceiling"] is None or len(told["ceiling"]["probes"]) < 2:
        return ""
    probes = sorted(told["ceiling"]["probes"], key=lambda one: one["rate"])
    rates, limit = [one["rate"] for one in probes], told["ceiling"]["limitMs"]
    them = [
        Line("p99", rates, [max(one["p99"], 0.001) for one in probes], marked=True),
        Line("limit", [rates[0], rates[-1]], [limit, limit], dashed=True),
    ]
    title = "The search for the ceiling"
    note = f"<p class='small'>It ended because: {escape(told['ceiling']['because'])}.</p>"
    return figure(title, plots.lines(title, them, "a second", "milliseconds", log_y=True) + note)


def _peer(one: Compared) -> list[str]:
    if not one.medians:
        return []
    return [figure(f"{one.title} (make bench)", plots.bars(one.title, one.medians, one.unit))]


def _latencies(told: Mapping[str, Any]) -> str:
    rows = []
    percents = ("50", "90", "99", "99.9", "99.99")
    for part in ("opened", "found"):
        for name, one in told[part]["latencies"].items():
            label = "the generator's own lag" if name == "lag" else name
            figures = [
                _short(one["percentiles"][percent], 2) if _tells(one, percent) else "–"
                for percent in percents
            ]
            rows.append([label, f"{one['count']:,}", *figures, _short(one["longest"], 2)])
    head = ["milliseconds", "count", *(f"p{percent}" for percent in percents), "longest"]
    return "<section><h2>Latencies</h2>" + table(head, rows) + "</section>"


def _counts(told: Mapping[str, Any]) -> str:
    rows = [
        [name, f"{count:,}"]
        for part in ("opened", "found")
        for name, count in told[part]["counts"].items()
        if count
    ]
    return "<section><h2>Counts</h2>" + table(["what", "how many"], rows) + "</section>"


def _generator(told: Mapping[str, Any]) -> str:
    rows = [
        [f"{n}", f"{one['cpu']:.0%}", f"{one['lagMs']:.2f}", "yes" if one["saturated"] else "no"]
        for n, one in enumerate(told["generator"], 1)
    ]
    head = ["process", "of a core", "lag p99, ms", "late or busy"]
    return "<section><h2>The generator itself</h2>" + table(head, rows) + "</section>"


def _short(value: float, digits: int = 1) -> str:
    return f"{value:,.{digits}f}" if value < 100 else f"{value:,.0f}"


def _tells(latency: Mapping[str, Any], percent: str) -> bool:
    """Whether there are values enough: of ten, the 99th percentile is but the longest."""
    return bool(latency["count"] * (1 - float(percent) / 100) >= 1)
