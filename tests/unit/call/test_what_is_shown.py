"""Options, the plan of a drop, the meter, and the checks that decide about success."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.call import CallOptions, CallResult, Check, Road, checks, road_of
from bootstrap.call.drop import Drop, Kind
from bootstrap.call.media import Received
from bootstrap.call.meter import Meter
from bootstrap.call.wire import Ended, Hold, Money, Price, Receipt, Session, SettledPayment, TimelineEntry
from bootstrap.call.words import money, span
from domain.calls.pricing import price
from domain.money import Money as DomainMoney

RECEIPT = Receipt(
    number="1", coach="Coach", currency="USD", rate_per_minute=250, billable_seconds=181, gross=754, tax=54, tax_country="DE",
    net=700, written_off=0, holds=[Hold(number=1, authorized=3750, captured=754, state="captured")],
)  # fmt: skip
ENDED = Ended(reason="ended_by_client", billable_seconds=181, amount=Money(amount=754, currency="USD"))


def session(state: str = "settled", seconds: int = 181) -> Session:
    amount = Money(amount=754, currency="USD")
    paid = Price(
        rate_per_minute=250, billable_seconds=seconds, gross=754, tax=54, tax_country="DE", net=700, written_off=0
    )  # fmt: skip
    payment = SettledPayment(payment_id="1", state="captured", amount=amount, price=paid)
    return Session(
        session_id="2", state=state, billable_seconds=seconds, amount=amount, authorized_seconds=900,
        timeline=[], payment=payment,
    )  # fmt: skip


# --- options ----------------------------------------------------------------------------------------------------------


def test_without_switches_they_talk() -> None:
    assert road_of() is Road.TALK


def test_a_switch_names_its_road() -> None:
    assert [road_of(decline=True), road_of(drop_media=True), road_of(card="declined")] == [
        Road.DECLINE, Road.DROP_MEDIA, Road.CARD_DECLINED,
    ]  # fmt: skip


def test_two_switches_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="choose one"):
        road_of(decline=True, drop_media=True)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"minutes": 0.0}, "minutes"),
        ({"speed": 0.0}, "speed"),
        ({"url": "http://127.0.0.1:8080", "speed": 60.0}, "its own speed"),
        ({"url": "127.0.0.1:8080"}, "http"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(
    wrong: dict[str, float | str], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        CallOptions(**wrong)  # type: ignore[arg-type]


# --- a drop -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speed", "kind", "comes_back"),
    [
        (1, Kind.CONNECTION, True),
        (15, Kind.CONNECTION, True),
        (60, Kind.DEVICES, True),
        (200, Kind.DEVICES, False),
    ],
)
def test_what_drops_depends_on_the_real_time_that_grace_leaves(
    speed: float, kind: Kind, comes_back: bool
) -> None:
    drop = Drop.at(speed)

    assert (drop.kind, drop.comes_back) == (kind, comes_back)
    assert drop.away <= 45 / speed / 2


# --- the meter --------------------------------------------------------------------------------------------------------


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_meter_runs_at_the_clock_speed_and_stands_while_paused() -> None:
    hands = Hands()
    meter = Meter(60.0, hands)

    meter.run()
    hands.now = 2.0
    running = meter.seconds
    meter.stand(100)
    hands.now = 9.0
    standing = meter.seconds
    meter.run(100)
    hands.now = 10.0

    assert (running, standing, meter.seconds) == (120.0, 100.0, 160.0)


async def test_waiting_for_the_meter_ends_when_the_call_does() -> None:
    meter = Meter(1.0)
    meter.run()
    waiting = asyncio.create_task(meter.reach(3600))

    meter.stop(5)

    async with asyncio.timeout(20):
        await waiting
    assert meter.over


# --- checks -----------------------------------------------------------------------------------------------------------


@given(rate=st.integers(1, 1_000_000), seconds=st.integers(0, 100_000))
def test_our_arithmetic_and_the_servers_agree(rate: int, seconds: int) -> None:
    assert checks.price(rate, seconds) == price(DomainMoney(rate, "USD"), seconds)


def test_a_receipt_that_is_right_passes() -> None:
    looked_at = [
        checks.receipt_is_price(RECEIPT),
        checks.receipt_adds_up(RECEIPT),
        checks.receipt_is_document(RECEIPT, ENDED, session()),
    ]

    assert all(check.ok for check in looked_at)


@pytest.mark.parametrize(
    "wrong",
    [{"gross": 755}, {"billable_seconds": 182}, {"rate_per_minute": 249}],
)
def test_a_receipt_over_another_amount_fails(wrong: dict[str, int]) -> None:
    assert not checks.receipt_is_price(RECEIPT.model_copy(update=wrong)).ok


def test_a_receipt_whose_parts_do_not_add_up_fails() -> None:
    assert not checks.receipt_adds_up(RECEIPT.model_copy(update={"tax": 53})).ok
    assert not checks.receipt_adds_up(RECEIPT.model_copy(update={"holds": []})).ok


def test_a_document_that_says_otherwise_fails() -> None:
    assert not checks.receipt_is_document(RECEIPT, ENDED, session(seconds=180)).ok
    assert not checks.receipt_is_document(RECEIPT, ENDED, session(state="ending")).ok


def test_what_is_too_small_to_charge_is_written_off_whole() -> None:
    small = RECEIPT.model_copy(update={"billable_seconds": 5, "gross": 0, "written_off": 21})

    assert checks.receipt_is_price(small).ok


def test_media_counts_only_with_the_others_voice_and_picture() -> None:
    everything = Received(audio=50, video=10, voice=50, face=10)

    assert checks.media_arrived("coach", everything, packets=60).ok
    assert not checks.media_arrived("coach", everything, packets=0).ok
    assert not checks.media_arrived("coach", Received(50, 10, voice=0, face=10), packets=60).ok
    assert not checks.media_arrived("coach", Received(50, 10, voice=50, face=0), packets=60).ok


@pytest.mark.parametrize(
    ("minutes", "seconds", "speed", "ok"),
    [
        ([1, 2, 3], 185, 1, True),
        ([1, 2], 180, 30, True),
        ([], 50, 60, True),
        ([1, 1, 2], 130, 30, False),
        ([1, 3], 200, 30, False),
        ([1], 300, 30, False),
        ([1, 2, 4, 5, 7], 525, 200, True),
        ([2, 1], 130, 200, False),
    ],
)
def test_ticks_are_in_order_and_complete(minutes: list[int], seconds: int, speed: float, ok: bool) -> None:
    assert checks.ticks_in_order(minutes, seconds, speed).ok is ok


@pytest.mark.parametrize(
    ("moves", "speed", "ok"),
    [
        (["proven", "lost", "ice_restart", "proven", "end"], 1, True),
        (["proven", "lost", "proven", "end"], 60, True),
        (["proven", "lost", "end"], 200, True),
        (["proven", "end"], 60, False),
        (["proven", "lost", "end"], 60, False),
        (["proven", "lost", "proven", "end"], 1, False),
        (["proven", "lost", "proven", "end"], 200, False),
    ],
)
def test_a_drop_has_left_its_traces_in_the_timeline(moves: list[str], speed: float, ok: bool) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [TimelineEntry(at=now, what=what, by="system") for what in moves]
    stored = session().model_copy(update={"timeline": entries})

    assert checks.dropped(stored, Drop.at(speed)).ok is ok


def test_a_result_without_any_check_is_no_success() -> None:
    assert not CallResult(Road.TALK).ok


def test_one_failed_check_or_an_error_is_no_success() -> None:
    good, bad = Check("a", True, ""), Check("b", False, "")

    assert CallResult(Road.TALK, checks=[good]).ok
    assert not CallResult(Road.TALK, checks=[good, bad]).ok
    assert not CallResult(Road.TALK, checks=[good], error="gone").ok


def test_a_result_is_json_with_the_receipt_in_it() -> None:
    result = CallResult(Road.TALK, receipt=RECEIPT, checks=[Check("a", True, "")])

    told = result.to_json()

    assert (told["ok"], told["receipt"]) == (True, RECEIPT.model_dump(mode="json"))
    assert "billableSeconds" in str(told["receipt"])


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(754, "USD", "$7.54"), (-5, "EUR", "-€0.05"), (1200, "JPY", "¥1200"), (1250, "CHF", "12.50 CHF")],
)
def test_money_reads_as_people_write_it(amount: int, currency: str, text: str) -> None:
    assert money(amount, currency) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.42, "0.4 s"), (3, "3 s"), (45, "45 s"), (900, "15 min"), (150, "2 min 30 s")]
)
def test_spans_read_as_people_say_them(seconds: float, text: str) -> None:
    assert span(seconds) == text
