"""What a report of ``make bench`` says of other servers, as far as a plot needs it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure: its medians by server, in ``unit``."""

    title: str
    unit: str
    medians: dict[str, float]


def read_peers(file: Path) -> list[Compared]:
    """The measures of a file with ``{"measures": [{"title", "unit", "medians": {SERVER: FIGURE}}]}``; further keys are ignored.

    Raises:
        ValueError: it is none.
    """
    try:
        told: Any = json.loads(file.read_text())
        return [
            Compared(str(one["title"]), str(one["unit"]), _medians(one["medians"]))
            for one in told["measures"]
        ]
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = error.strerror if isinstance(error, OSError) else repr(error)
        raise ValueError(f"{file} is not a report of `make bench` ({why}).") from error


def _medians(told: dict[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in told.items() if value is not None}
