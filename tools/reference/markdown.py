"""Markdown out of values."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_COMMENTED_MEMBER = re.compile(r'"(?P<value>\w+)"\s*#\s*(?P<comment>.+)')


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell is escaped."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def code(text: object) -> str:
    """In code type; nothing for nothing."""
    return f"`{text}`" if str(text) else ""


def codes(parts: Iterable[object]) -> str:
    """Several, with commas."""
    return ", ".join(code(part) for part in parts)


def sentence(docstring: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join((docstring or "").strip().split("\n\n")[0].split())
    return paragraph.split(". ")[0].rstrip(".").replace("``", "`") + "."


def member_comments(source: Path) -> dict[str, str]:
    """The comment behind each ``NAME = "value"`` of a file's enumerations, by value."""
    found = _COMMENTED_MEMBER.finditer(source.read_text())
    return {match["value"]: match["comment"].strip() for match in found}


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
