"""Plots as SVG that goes into a page as it is: its colours are the page's own, light and dark."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

#: Inches at 72 points: narrow enough for letters to be read on a telephone.
WIDTH, HEIGHT = 5.0, 2.9
#: Drawn in these, replaced by the page's variables.
_INK, _FAINT = "#010203", "#040506"
_COLOURS = ("#0a0001", "#0a0002", "#0a0003", "#0a0004", "#0a0005")
_SETTINGS: Any = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _FAINT,
    "xtick.color": _INK, "ytick.color": _INK, "grid.color": _FAINT, "grid.linewidth": 0.5,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    dashed: bool = False
    marked: bool = False


def lines(
    title: str,
    them: Sequence[Line],
    x: str,
    y: str,
    *,
    log_x: Mapping[float, str] | None = None,
    log_y: bool = False,
) -> str:
    """Lines over numbers; ``log_x`` gives the marks of a logarithmic axis."""
    with mpl.rc_context(_SETTINGS | {"svg.hashsalt": title}):
        figure, axes = _axes(x, y)
        for line, colour in zip(them, _COLOURS, strict=False):
            style = "--" if line.dashed else "-"
            mark = "o" if line.marked or len(line.xs) == 1 else None
            axes.plot(
                line.xs, line.ys, style, color=colour, linewidth=1.8, marker=mark, markersize=4, label=line.label
            )  # fmt: skip
        if log_x is None:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        else:
            axes.set_xscale("log")
            axes.set_xticks(list(log_x), labels=list(log_x.values()))
            axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        if log_y:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if _near(them) else (1,), numticks=8))
            axes.yaxis.set_minor_formatter(mpl.ticker.NullFormatter())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        else:
            axes.set_ylim(0, max((y for line in them for y in line.ys), default=0) * 1.15 or 1)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        if len(them) > 1:
            figure.legend(loc="outside upper left", ncols=3, fontsize=9, handlelength=1.4)
        return _svg(figure, title)


def _near(them: Sequence[Line]) -> bool:
    """Whether two powers of ten hold everything."""
    values = [y for line in them for y in line.ys]
    return max(values, default=1) <= 100 * min(values, default=1)


def bars(title: str, values: Mapping[str, float], unit: str) -> str:
    """One bar for each name, with its figure."""
    with mpl.rc_context(_SETTINGS | {"svg.hashsalt": title}):
        figure, axes = _axes(unit, "")
        names = list(values)[::-1]
        colours = [_COLOURS[0] if n == len(names) - 1 else _FAINT for n in range(len(names))]
        drawn = axes.barh(names, [values[name] for name in names], color=colours, height=0.6)
        axes.bar_label(drawn, labels=[f" {values[name]:,.3g}" for name in names], color=_INK)
        axes.margins(x=0.15)
        axes.grid(visible=False)
        return _svg(figure, title)


def _axes(x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=True, axis="y")
    return figure, axes


def _svg(figure: Figure, title: str) -> str:
    out = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(out, format="svg", transparent=True, metadata=nothing)
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # Several plots share a page: names that nothing refers to would be there twice.
    text = re.sub(r' id="(?:figure|axes|patch|line2d|text|matplotlib|xtick|ytick|legend)[^"]*"', "", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = text.replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)
    for colour, name in ((_INK, "--ink"), (_FAINT, "--faint"), *zip(_COLOURS, _NAMES, strict=True)):
        text = text.replace(colour, f"var({name})")
    return text


_NAMES = tuple(f"--line{n}" for n in range(1, len(_COLOURS) + 1))
