"""The report of a load: JSON for programs, one HTML page without anything to fetch for people."""

import json
from pathlib import Path

from loadtests.load.report.document import document
from loadtests.load.report.page import page
from loadtests.load.report.peers import read_peers
from loadtests.load.run import Outcome

__all__ = ["prepare_report", "write_report"]


def prepare_report(folder: Path, bench: Path | None = None) -> None:
    """Find out whether :func:`write_report` will be able to write, without writing anything of a report.

    Raises:
        ValueError: as there.
    """
    if bench is not None:
        read_peers(bench)
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(f"There is no report: {error.filename}: {error.strerror}.") from error


def write_report(outcome: Outcome, folder: Path, bench: Path | None = None) -> list[Path]:
    """Write ``NAME.json`` and ``NAME.html`` into a folder; ``bench`` is a report of ``make bench``, for peers to compare with.

    Raises:
        ValueError: that file is no such report, or the folder cannot be written into.
    """
    told = document(outcome)
    peers = read_peers(bench) if bench is not None else None
    stem = f"load-{outcome.scenario.name}"
    data, html = folder / f"{stem}.json", folder / f"{stem}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data.write_text(json.dumps(told, indent=1) + "\n")
        html.write_text(page(told, peers))
    except OSError as error:
        raise ValueError(f"There is no report: {error.filename}: {error.strerror}.") from error
    return [data, html]
