"""What pages of measurements are made of: no script, nothing fetched, readable on a telephone, light and dark."""

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --paper: #fbfbf9; --ink: #22262b; --faint: #c3c8ce; --card: #fff; --bad: #b3261e;
  --mild: #8a5a00; --line1: #0b62c4; --line2: #c4570b; --line3: #2a8a4a; --line4: #8a3ab0; --line5: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e4e7ea; --faint: #4a525b; --card: #1d2126;
  --bad: #ff8a80; --mild: #f0c060; --line1: #6cb0ff; --line2: #ff9e5c; --line3: #6fd08f; --line4: #cf9bf0;
  --line5: #a5adb8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0.5rem 0 0; } h2 { font-size: 1.1rem; margin: 0; }
p { margin: 0.3rem 0; max-width: 75ch; } .small { font-size: 0.9rem; opacity: 0.85; overflow-wrap: anywhere; }
.told { border-left: 4px solid var(--mild); padding: 0.4rem 0.8rem; margin: 1rem 0; background: var(--card); }
.bad { border-color: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.7rem;
  margin: 1rem 0; padding: 0; }
.figures div { background: var(--card); border: 1px solid var(--faint); border-radius: 8px; padding: 0.6rem 0.8rem; }
dt { font-size: 0.85rem; } dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0.7rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--faint); border-radius: 8px; padding: 0.7rem;
  min-width: 0; }
svg { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; margin: 0.5rem 0 1.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.95rem; }
th, td { text-align: right; padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } section { margin-top: 1.5rem; }
"""


def whole(title: str, sections: Iterable[str]) -> str:
    """A page of these sections; empty ones are left out. Sections are HTML, the title is text."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(filter(None, sections))
        + "\n</body>\n</html>\n"
    )


def figure(title: str, svg: str) -> str:
    """A plot with its title, which is text."""
    return f"<figure><h2>{escape(title)}</h2>{svg}</figure>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts; the first column is what the others are about."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
