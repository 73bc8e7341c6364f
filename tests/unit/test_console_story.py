"""The console tells every entry of a call's timeline in a sentence, and has none for entries that never come."""

import ast
import json
import subprocess
from pathlib import Path

from domain.calls.holds import HoldState
from domain.calls.session import EndReason
from domain.calls.states import Move

ROOT = Path(__file__).parents[2]
SCRIPT = """
import { SENTENCES } from "./web/console/call/story.js";
console.log(JSON.stringify(Object.keys(SENTENCES)));
"""
#: Entries whose names the use cases make: reports of media, how a hold ended, who came in again.
MADE = {
    "media_connected",
    "media_disconnected",
    "media_failed",
    "joined",
    "resumed",
    EndReason.MEDIA_DENIED.value,
} | {state.value for state in (HoldState.CAPTURED, HoldState.CANCELLED, HoldState.LAPSED)}


def noted() -> set[str]:
    """What the use cases write down by a literal name."""
    return {
        argument.value
        for package in ("domain", "signaling", "billing")
        for path in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in ("note", "_note")
        for argument in call.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_every_entry_of_a_timeline_has_a_sentence() -> None:
    command = [ROOT / "tools/with-node", "node", "--input-type=module", "-e", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    told = json.loads(done.stdout)

    assert sorted(told) == sorted({move.value for move in Move} | noted() | MADE)
