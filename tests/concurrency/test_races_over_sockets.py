"""Races between people on two server processes, over real sockets: exactly one wins, and everybody learns it."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

from domain.ids import new_id
from tests.support.program import DEADLINE, Person, Program, Tab, another_server, eventually

ROUNDS = 100
#: One person may ask twenty times a minute, so so many pairs take turns.
PAIRS = 6
ACCEPT_ROUNDS = 20
REFRESH_ROUNDS = 20
SIGNALS = 200
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def _ask_for(coach: Person) -> dict[str, str]:
    return {"coachId": coach.coach_id, "clientRequestId": new_id()}


async def _call(client: Tab, coach: Person) -> str:
    return str((await client.done("live_session_request", _ask_for(coach)))["sessionId"])


# --- who rings --------------------------------------------------------------------------------------------------------


async def test_of_two_clients_who_call_one_coach_in_the_same_instant_exactly_one_rings(
    program: Program,
) -> None:
    coach, desk = await program.online_coach()
    clients = await asyncio.gather(*(program.client() for _ in range(2 * PAIRS)))
    tabs = await asyncio.gather(*(program.tab(client, at % 2) for at, client in enumerate(clients)))
    intents_before = {intent.id for intent in await program.every_intent()}
    won: list[str] = []
    lost: list[str] = []

    for number in range(ROUNDS):
        pair = tabs[2 * (number % PAIRS) :][:2]
        asked = (tab.ask("live_session_request", _ask_for(coach)) for tab in pair)
        acks = await asyncio.gather(*asked)
        ((winner, ack),) = [(tab, ack) for tab, ack in zip(pair, acks, strict=True) if ack["ok"]]
        won.append(ack["data"]["sessionId"])
        lost += [ack["error"]["code"] for ack in acks if not ack["ok"]]
        await desk.until("live_session_ringing", sessionId=won[-1])
        await winner.done("live_session_cancel", {"sessionId": won[-1]})

    intents = [intent for intent in await program.every_intent() if intent.id not in intents_before]
    assert lost == ["COACH_BUSY"] * ROUNDS
    assert [ring["sessionId"] for ring in desk.named("live_session_ringing")] == won
    assert [intent.metadata["session"] for intent in intents] == won, "a loser's card was asked"
    await eventually(lambda: _all_released(program, intents_before))


async def _all_released(program: Program, before: set[str]) -> bool:
    ours = [intent for intent in await program.every_intent() if intent.id not in before]
    return all(intent.status == "canceled" and intent.amount_received == 0 for intent in ours)


# --- who answers ------------------------------------------------------------------------------------------------------


async def test_of_two_tabs_that_accept_at_once_one_wins_and_all_tabs_are_told(program: Program) -> None:
    coach, desk = await program.online_coach()
    tabs = [desk, await program.tab(coach, 1), await program.tab(coach, 1)]
    client = await program.tab(await program.client(), 1)
    codes: list[str] = []
    accepted: list[str] = []

    await client.done("coach_status_watch", {"coachIds": [coach.coach_id]})
    for number in range(1, ACCEPT_ROUNDS + 1):
        session = await _call(client, coach)
        await asyncio.gather(*(tab.until("live_session_ringing", sessionId=session) for tab in tabs))
        acks = await asyncio.gather(
            *(tab.ask("live_session_accept", {"sessionId": session}) for tab in tabs[:2])
        )
        (winner,) = [tab for tab, ack in zip(tabs, acks, strict=False) if ack["ok"]]
        codes += [ack["error"]["code"] for ack in acks if not ack["ok"]]
        told = await asyncio.gather(
            *(tab.until("live_session_update", sessionId=session, state="ready") for tab in [*tabs, client])
        )
        accepted += {update["acceptedDeviceId"] for update in told} - {winner.device}
        await client.done("live_session_cancel", {"sessionId": session})
        await client.until("coach_status", count=number, status="online")

    assert codes == ["ANSWERED_ELSEWHERE"] * ACCEPT_ROUNDS
    assert accepted == []


async def test_a_missed_call_is_kept_and_told_on_every_tab(program: Program) -> None:
    coach, desk = await program.online_coach()
    other = await program.tab(coach, 1)
    client = await program.client()
    caller = await program.tab(client, 1)

    session = await _call(caller, coach)
    await asyncio.gather(*(tab.until("live_session_ringing") for tab in (desk, other)))
    await program.ring_is_over(session)
    told = await asyncio.gather(*(tab.until("notification") for tab in (desk, other)))
    missed = await caller.until("live_session_update", sessionId=session, state="missed")
    kept = await program.get(coach, "/api/notifications", at=1)

    assert told[0] == told[1]
    assert missed["reason"] == "no_answer"
    assert (await coach.rest.session(session)).state == "missed"
    assert [one["id"] for one in kept["items"]] == [told[0]["id"]]
    await eventually(lambda: _released(program, session))


async def _released(program: Program, session: str) -> bool:
    return [intent.status for intent in await program.intents(session)] == ["canceled"]


# --- between two processes --------------------------------------------------------------------------------------------


async def test_signals_between_two_processes_arrive_all_and_in_order_both_ways(program: Program) -> None:
    client = await program.client()
    coach, desk = await program.online_coach()
    session = await _call(await program.tab(client), coach)
    await desk.done("live_session_accept", {"sessionId": session})
    caller, callee = await program.seats(client, coach, session, at=(0, 1))
    await _describe(caller, callee, session)

    await asyncio.gather(*(_send_candidates(tab, session, SIGNALS) for tab in (caller, callee)))
    await asyncio.gather(_all_heard(caller), _all_heard(callee))
    await caller.done("live-session-end", {"sessionId": session})

    assert _lines(callee) == [_line(number) for number in range(SIGNALS)]
    assert _lines(caller) == [_line(number) for number in range(SIGNALS)]


async def _describe(caller: Tab, callee: Tab, session: str) -> None:
    for sender, receiver, kind in ((caller, callee, "offer"), (callee, caller, "answer")):
        description = {"type": kind, "sdp": SDP}
        await sender.done("live-signal", {"sessionId": session, "epoch": 0, "description": description})
        await receiver.until("live-signal", description=description)


async def _send_candidates(tab: Tab, session: str, count: int) -> None:
    for number in range(count):
        await _send(tab, {"sessionId": session, "epoch": 0, "candidate": {"candidate": _line(number)}})


async def _send(tab: Tab, signal: dict[str, Any]) -> None:
    while not (ack := await tab.ask("live-signal", signal))["ok"]:
        assert ack["error"]["code"] == "RATE_LIMITED", ack
        await asyncio.sleep(ack["error"]["retryAfterMs"] / 1000)


async def _all_heard(tab: Tab) -> None:
    await tab.when(lambda: len(_lines(tab)) >= SIGNALS)


def _line(number: int) -> str:
    return f"candidate:{number} 1 udp 2122260223 192.0.2.1 {10_000 + number} typ host"


def _lines(tab: Tab) -> list[str]:
    return [data["candidate"]["candidate"] for data in tab.named("live-signal") if "candidate" in data]


async def test_a_suspension_closes_the_sockets_on_every_process(program: Program) -> None:
    # A process whose bus is deaf would find a suspension in the store two seconds later, and nobody here would know.
    other, url = another_server(program.running, "server-3", "tests.support.told_by_bus")
    program.stack.push_async_callback(other.stop)
    await other.start()
    program = replace(program, urls=(program.urls[0], url), servers=(program.servers[0], other))
    admin, client = await program.admin(), await program.client(card=None)
    tabs = [await program.tab(client, at) for at in (0, 1)]
    tabs += [await program.tab(client, at, "/live") for at in (0, 1)]

    await program.suspend(admin, client)
    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(*(tab.gone.wait() for tab in tabs))
    back = await program.try_tab(client, 1)

    assert [tab.named("closing")[0]["code"] for tab in tabs] == ["revoked"] * 4
    assert back.refused[0]["data"]["code"] == "UNAUTHENTICATED"


async def test_two_tabs_that_refresh_one_token_at_once_both_stay_logged_in(program: Program) -> None:
    one = await program.client(card=None, at=0)
    two = await program.log_in(one.email, at=1)
    refresh = one.tokens.refresh_token

    for _ in range(REFRESH_ROUNDS):
        first, second = await asyncio.gather(one.rest.refresh(refresh), two.rest.refresh(refresh))
        assert first.refresh_token == second.refresh_token
        for server, tokens in enumerate((first, second)):
            one.tokens = tokens
            assert (await program.get(one, "/api/users/me", at=server))["userId"] == one.user_id
        refresh = first.refresh_token


# --- coming back ------------------------------------------------------------------------------------------------------


async def test_a_tab_that_was_away_is_told_everything_in_order_by_the_other_process(program: Program) -> None:
    coach, away = await program.online_coach()
    witness = await program.tab(coach, 0)
    caller = await program.tab(await program.client(), 0)
    await _ring_and_cancel(caller, coach, witness)
    since = away.position
    await away.client.disconnect()

    for _ in range(5):
        await _ring_and_cancel(caller, coach, witness)
    back = await program.tab(coach, 1, since=since)

    _assert_nothing_missing(witness, back, since)


async def test_a_tab_recovers_after_its_server_was_killed(program: Program) -> None:
    coach, witness = await program.online_coach(at=1)
    client = await program.client(at=1)
    lost, caller = await program.tab(coach, 0), await program.tab(client, 1)
    await _ring_and_cancel(caller, coach, witness, lost)
    since, server = lost.position, program.servers[0]

    server.kill()
    await asyncio.wait_for(lost.gone.wait(), DEADLINE)
    for _ in range(3):
        await _ring_and_cancel(caller, coach, witness)
    await server.wait_ready()
    back = await program.tab(coach, 0, since=since)
    await _ring_and_cancel(caller, coach, witness, back)

    assert server.restarts == 1
    _assert_nothing_missing(witness, back, since)


async def _ring_and_cancel(caller: Tab, coach: Person, *tabs: Tab) -> None:
    session = await _call(caller, coach)
    await caller.done("live_session_cancel", {"sessionId": session})
    await asyncio.gather(
        *(tab.until("live_session_update", sessionId=session, state="cancelled") for tab in tabs)
    )


def _assert_nothing_missing(witness: Tab, back: Tab, since: dict[str, Any]) -> None:
    """What lasts was told once each, in the order of its numbers, and before "recovered"."""
    expected = [one for one in _numbered(witness) if one[0] > since["seq"]]
    got = _numbered(back)

    assert back.named("recovered")[0]["recovered"] is True
    assert [one for one in got if one[1] != "live_session_ringing"] == [
        one for one in expected if one[1] != "live_session_ringing"
    ]
    assert all(earlier[0] < later[0] for earlier, later in pairwise(got))
    assert set(got) <= set(expected)


def _numbered(tab: Tab) -> list[tuple[int, str, str]]:
    return [
        (data["seq"], name, str(data.get("sessionId")))
        for name, data in tab.heard
        if name != "recovered" and isinstance(data, dict) and data.get("seq") is not None
    ]
