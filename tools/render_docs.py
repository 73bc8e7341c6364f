"""``python -m tools.render_docs``: write what ``docs/`` and ``web/`` take from the code; with ``--check`` only say what is
stale.

``docs/reference.md`` and ``web/client/types.d.ts`` are written whole. In the other pages, what stands between
``<!-- from code: name -->`` and ``<!-- end -->`` is replaced.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from tools.reference import bookings, calls, metrics, settings, wire
from tools.reference.types import types

ROOT = Path(__file__).parents[1]
REFERENCE = Path("docs/reference.md")
TYPES = Path("web/client/types.d.ts")
#: Pages with parts taken from the code.
PAGES = (Path("docs/operations.md"),)
_PART = re.compile(r"(<!-- from code: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

#: What a page may ask for by name.
PARTS: dict[str, Callable[[], str]] = {
    "settings": settings.settings,
    "call-terms": settings.call_terms,
    "server-metrics": lambda: metrics.metric_table(metrics.server_metrics()),
    "worker-metrics": lambda: metrics.metric_table(metrics.worker_metrics()),
}

_INTRODUCTION = """\
# Reference

Tables read out of the code by `make docs`; a test fails when this page and the code differ. Change the code, not this page.
The complete schemas are served by a running server: `/openapi.json`, `/asyncapi.json`, and both, readable, at `/docs`.
Settings and metrics are in [operations.md](operations.md).
"""


def reference() -> str:
    """The whole page."""
    sections = [
        ("Calls: states", calls.call_states()),
        ("Calls: moves", calls.call_moves()),
        ("Calls: why they end", calls.end_reasons()),
        ("Holds", calls.hold_states()),
        ("Payments", calls.payment_states()),
        ("Bookings: states", bookings.booking_states()),
        ("Bookings: moves", bookings.booking_moves()),
        ("Scheduled sessions", bookings.session_states()),
        ("Segments of overtime", bookings.overtime_states()),
        ("Timers", calls.timer_kinds()),
        ("Events a client sends on `/notifications`", wire.client_events("/notifications")),
        ("Events a client receives on `/notifications`", wire.server_events("/notifications")),
        ("Events a client sends on `/live`", wire.client_events("/live")),
        ("Events a client receives on `/live`", wire.server_events("/live")),
        ("Events a client sends on `/video`", wire.client_events("/video")),
        ("Events a client receives on `/video`", wire.server_events("/video")),
        ("Limits on events", wire.general_limits()),
        ("HTTP endpoints", wire.endpoints()),
        ("Error codes", wire.errors()),
        ("Why the server closes a socket", wire.closings()),
        ("Collections", settings.collections()),
    ]
    return "\n".join([_INTRODUCTION, *(f"## {title}\n\n{text}\n" for title, text in sections)])


def with_parts(page: str) -> str:
    """A page with its marked parts as the code has them now.

    Raises:
        KeyError: a name that is not in :data:`PARTS`.
    """
    return _PART.sub(lambda part: f"{part[1]}\n{PARTS[part['name']]()}\n\n{part[3]}", page)


def rendered() -> dict[Path, str]:
    """Every page as it should be."""
    pages = {page: with_parts((ROOT / page).read_text()) for page in PAGES}
    return {REFERENCE: reference(), TYPES: types(), **pages}


def main(arguments: list[str]) -> int:
    """Write, or check."""
    stale = [page for page, text in rendered().items() if _now(page) != text]
    if "--check" in arguments:
        for page in stale:
            sys.stdout.write(f"{page} is not what the code says; run `make docs`\n")
        return 1 if stale else 0
    for page in stale:
        (ROOT / page).write_text(rendered()[page])
        sys.stdout.write(f"wrote {page}\n")
    return 0


def _now(page: Path) -> str:
    file = ROOT / page
    return file.read_text() if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
