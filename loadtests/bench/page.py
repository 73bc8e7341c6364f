"""The page of a run, and what the README takes of it. Everything is drawn from the document alone."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from loadtests.load.report import plots
from loadtests.load.report.parts import figure, table, whole

_TITLE = "Rapport beside its peers"
_MARKS = {True: "met", False: "missed", None: "not measured"}
#: Of the plot in the README, which lies on white and on black.
_COLOURS = {"--ink": "#808890", "--faint": "#a9b0b8", "--line1": "#2f7fe0"}


def page(told: Mapping[str, Any]) -> str:
    """One HTML page that fetches nothing."""
    parts = [
        f"<h1>{escape(_TITLE)}</h1>",
        f'<p class="small">{escape(_where(told))}</p>',
        *(
            f'<div class="told"><p>No column {escape(name)}: {escape(why)}</p></div>'
            for name, why in told["missing"].items()
        ),
        *(f'<div class="told"><p>{escape(warning)}</p></div>' for warning in told["warnings"]),
        "<section><h2>Targets</h2>" + table(*_split(_targets(told))) + "</section>",
        '<section class="plots">',
        *(_bars(measure) for measure in told["measures"]),
        "</section>",
        "<section><h2>Medians, and the least and greatest of all alternations</h2>"
        + table(*_split(_medians(told)))
        + "</section>",
        _grown(told),
        _ticked(told),
        _leaked(told),
        _does(told),
    ]
    return whole(_TITLE, parts)


def markdown(
    told: Mapping[str, Any], medians: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]
) -> str:
    """Both tables and the machine, for the README."""
    parts = [_markdown(medians), _markdown(targets)]
    if told["growth"]:
        parts.append(_markdown(_growth_rows(told)))
    if told["ticks"]:
        parts.append(f"```text\n{told['ticks']['table']}\n```")
    return "\n\n".join([*parts, _where(told)]) + "\n"


def _ticked(told: Mapping[str, Any]) -> str:
    if not told["ticks"]:
        return ""
    return f"<section><h2>Calls metered per second</h2><pre>{escape(told['ticks']['table'])}</pre></section>"


def picture(told: Mapping[str, Any]) -> str:
    """The first measure as a picture of its own (SVG)."""
    if not told["measures"]:
        return ""
    measure = told["measures"][0]
    words = f"{measure['unit']} of server CPU for each relayed signal of 800 bytes (less is better)"
    text = plots.bars(measure["title"], measure["medians"], words)
    for name, colour in _COLOURS.items():
        text = text.replace(f"var({name})", colour)
    return text


def _where(told: Mapping[str, Any]) -> str:
    machine = told["machine"]
    versions = ", ".join(f"{one['title']}: {one['runtime']}" for one in told["columns"])
    return (
        f"{told['at'][:10]}, {machine['processor']}, {machine['cores']} cores, {machine['memory']}, {machine['system']}; "
        f"{told['cores']}; {told['alternations']} alternations. {versions}."
    )


def _bars(measure: Mapping[str, Any]) -> str:
    title = str(measure["title"])
    return figure(title, plots.bars(title, measure["medians"], measure["unit"]))


def _targets(told: Mapping[str, Any]) -> list[list[str]]:
    titles = {one["name"]: one["title"] for one in told["measures"]}
    rows = [["measure", "target", "found", "spread", ""]]
    for one in told["targets"]:
        found = one["found"]
        ratio = "–" if found is None else f"{found['median']:.3g} ×"
        reach = "–" if found is None else f"{found['low']:.3g}–{found['high']:.3g}"
        rows.append([titles[one["measure"]], one["words"], ratio, reach, _MARKS[one["met"]]])
    return rows


def _medians(told: Mapping[str, Any]) -> list[list[str]]:
    names = [one["title"] for one in told["columns"]]
    rows = [["", *names]]
    for measure in told["measures"]:
        digits, unit = measure["digits"], measure["unit"]
        cells = []
        for name in names:
            if name in measure["medians"]:
                low, high = measure["spreads"][name]
                cells.append(
                    f"{measure['medians'][name]:.{digits}f} {unit} ({low:.{digits}f}–{high:.{digits}f})"
                )
            else:
                cells.append("–")
        rows.append([measure["title"], *cells])
    return rows


def _growth_rows(told: Mapping[str, Any]) -> list[list[str]]:
    head = [
        "processes",
        "sockets",
        "relayed signal with ack",
        "delivery of an event",
        "connect + authenticate + join",
    ]
    return [
        head,
        *(
            [
                str(row["processes"]), str(row["sockets"]), f"{row['relay'] * 1e6:.1f} µs",
                f"{row['fanout'] * 1e6:.2f} µs", f"{row['connect'] * 1e3:.2f} ms",
            ]
            for row in told["growth"]
        ),
    ]  # fmt: skip


def _grown(told: Mapping[str, Any]) -> str:
    if not told["growth"]:
        return ""
    words = "CPU of Rapport for the same signals and deliveries a second, over ever more sockets."
    return f"<section><h2>Growth</h2><p>{words}</p>{table(*_split(_growth_rows(told)))}</section>"


def _leaked(told: Mapping[str, Any]) -> str:
    leak = told["leak"]
    if leak is None:
        return ""
    rows = [["cycles", "memory, MB", "objects", "sockets"]]
    rows += [
        [f"{one['cycles']:,}", f"{one['rss'] / 1e6:.1f}", f"{one['objects'] or 0:,}", str(one["sockets"])]
        for one in leak["levels"]
    ]
    kinds = ", ".join(f"{share} % {kind}" for kind, share in leak["kinds"].items())
    words = (
        f"Clients that connect and leave ({kinds}): {leak['bytesPerCycle']:.1f} bytes and {leak['objectsPerCycle']:.3f} "
        "objects more per cycle (a straight line through the levels after the first two)."
    )
    return (
        f"<section><h2>What clients leave behind</h2><p>{escape(words)}</p>{table(*_split(rows))}</section>"
    )


def _does(told: Mapping[str, Any]) -> str:
    lines = "".join(
        f"<p><b>{escape(one['title'])}</b> ({escape(one['runtime'])}). {escape(one['does'])}</p>"
        for one in told["columns"]
    )
    return f"<section><h2>What each column does, and does not</h2>{lines}</section>"


def _split(rows: Sequence[Sequence[str]]) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    return rows[0], rows[1:]


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])
