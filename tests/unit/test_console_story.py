"""The console has a sentence for every entry of a call's and of a booking's timeline, and none for what never comes."""

import ast
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

from domain.booking.states import BookingMove
from domain.calls.holds import HoldState
from domain.calls.session import EndReason
from domain.calls.states import Move

ROOT = Path(__file__).parents[2]
#: Where bookings and scheduled sessions are written about, and calls are not.
OTHERS = ("domain/booking/", "domain/scheduled/", "signaling/video/", "billing/overtime.py")
#: Entries whose names the use cases make: reports of media, how a hold ended, who came in again.
MADE = {
    "media_connected",
    "media_disconnected",
    "media_failed",
    "joined",
    "resumed",
    EndReason.MEDIA_DENIED.value,
} | {state.value for state in (HoldState.CAPTURED, HoldState.CANCELLED, HoldState.LAPSED)}
#: How a wish for another time ends: named by an argument.
MADE_OF_BOOKINGS = {"decline_wish", "expire_wish", "replace_wish"}


def noted(paths: Iterable[Path]) -> set[str]:
    """What the use cases write down by a literal name."""
    return {
        argument.value
        for path in paths
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in ("note", "_note")
        for argument in call.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def of_calls() -> list[Path]:
    every = [
        path for package in ("domain", "signaling", "billing") for path in (ROOT / package).rglob("*.py")
    ]
    return [path for path in every if not str(path.relative_to(ROOT)).startswith(OTHERS)]


def told(module: str, table: str) -> list[str]:
    """The names that a table of sentences has."""
    script = f'import {{ {table} }} from "./web/console/{module}"; console.log(JSON.stringify(Object.keys({table})));'
    command = [ROOT / "tools/with-node", "node", "--input-type=module", "-e", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return sorted(json.loads(done.stdout))


def test_every_entry_of_a_call_has_a_sentence() -> None:
    assert told("call/story.js", "SENTENCES") == sorted(
        {move.value for move in Move} | noted(of_calls()) | MADE
    )


def test_every_entry_of_a_booking_has_a_sentence() -> None:
    bookings = noted((ROOT / "domain/booking").rglob("*.py"))

    assert told("booking/story.js", "HAPPENED") == sorted(
        {move.value for move in BookingMove} | bookings | MADE_OF_BOOKINGS
    )
