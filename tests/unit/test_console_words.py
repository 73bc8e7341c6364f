"""What the console says: every code, state and reason that the server can send has words of its own."""

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from domain.accounts.rules import COUNTRIES
from domain.booking.states import BookingState
from domain.calls.session import EndReason
from domain.calls.states import CallState
from domain.coaching.coach import Status
from domain.errors import Code
from domain.notifications.kinds import KINDS
from domain.payments.payment import PaymentState
from domain.payments.refusals import told_to_client
from sandbox.cards import DECLINES

ROOT = Path(__file__).parents[2]
#: Lists of the console that must be complete, as one JSON object.
SCRIPT = """
import * as words from "./web/console/words.js";
import * as refusals from "./web/console/refusal-words.js";
import { AFTER, ENDINGS } from "./web/console/ending-words.js";
import { COUNTRIES } from "./web/console/countries.js";
const { BOOKING_STATES, CALL_STATES, NOTIFICATIONS, PAUSES, PAYMENT_STATES, STATUSES, explain, ending } = words;
const { BROWSER_ERRORS, ERRORS, REFUSALS } = refusals;
const told = Object.fromEntries(Object.keys({ ...ERRORS, ...BROWSER_ERRORS }).map((code) => [code, explain({ code })]));
const ended = Object.keys(ENDINGS).flatMap((reason) => ["caller", "callee"].map((role) => ending(reason, role)));
console.log(JSON.stringify({
  errors: Object.keys(ERRORS), browser: Object.keys(BROWSER_ERRORS), endings: Object.keys(ENDINGS),
  after: Object.keys(AFTER), refusals: Object.keys(REFUSALS), pauses: Object.keys(PAUSES),
  calls: Object.keys(CALL_STATES), payments: Object.keys(PAYMENT_STATES), statuses: Object.keys(STATUSES),
  bookings: Object.keys(BOOKING_STATES), notifications: Object.keys(NOTIFICATIONS), countries: COUNTRIES, told, ended,
}));
"""


@cache
def console() -> dict[str, Any]:
    """The lists, as Node.js reads them."""
    command = [ROOT / "tools/with-node", "node", "--input-type=module", "-e", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    lists: dict[str, Any] = json.loads(done.stdout)
    return lists


def arguments(method: str, position: int) -> set[str]:
    """The literal strings that the use cases pass to a method at a position."""
    return {
        call.args[position].value
        for package in ("domain", "signaling", "billing")
        for path in (ROOT / package).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == method
        and len(call.args) > position
        and isinstance(call.args[position], ast.Constant)
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("errors", {code.value for code in Code}),
        ("endings", {reason.value for reason in EndReason}),
        ("calls", {state.value for state in CallState}),
        ("bookings", {state.value for state in BookingState}),
        ("payments", {state.value for state in PaymentState}),
        ("statuses", {status.value for status in Status}),
        ("countries", set(COUNTRIES)),
    ],
)
def test_everything_the_server_may_say_has_words_and_nothing_else_has(name: str, wanted: set[str]) -> None:
    assert sorted(console()[name]) == sorted(wanted)


def test_every_way_on_after_a_call_belongs_to_an_ending() -> None:
    assert set(console()["after"]) <= set(console()["endings"])


def test_every_error_of_the_browser_client_has_words() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "web/client").glob("*.js"))
    own = set(re.findall(r'code: "([A-Z_]+)"|RapportError\.of\([^)]*, "([A-Z_]+)"\)', sources))

    codes = {code for pair in own for code in pair if code}

    assert "OFFLINE" in codes
    assert codes <= set(console()["browser"]) | set(console()["errors"])


def test_every_decline_that_the_owner_of_a_card_may_see_has_words() -> None:
    shown = {told_to_client(code) for code in DECLINES}

    assert shown <= set(console()["refusals"])


def test_every_pause_has_words() -> None:
    lost = arguments("lost", 3)

    assert "socket_lost" in lost
    assert lost | {"media_denied"} <= set(console()["pauses"])


def test_every_kind_of_notification_has_words() -> None:
    literal = arguments("notify", 2)

    assert "missed_call" in literal
    assert literal <= set(KINDS)
    assert set(console()["notifications"]) == set(KINDS)


@pytest.mark.parametrize("code", [code.value for code in Code])
def test_an_error_is_told_in_a_title_and_a_sentence(code: str) -> None:
    told = console()["told"][code]

    assert 0 < len(told["title"]) <= 40
    assert told["text"].endswith((".", "!"))
    assert code not in told["text"]


def test_an_end_is_told_to_both_sides_in_a_title_and_a_sentence() -> None:
    for told in console()["ended"]:
        assert told["title"]
        assert told["text"].endswith(".")
