"""Lost sockets, lost proofs, other devices, dead processes: only what was proven is charged, to the millisecond."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.calls.session import Side, SocketId
from domain.calls.states import CallState
from domain.coaching.coach import ClaimState
from domain.errors import Code, Conflict, DomainError, Unavailable
from domain.ids import new_id
from tasks.sweeps import Undertaker
from tests.support.house import House, Party
from tests.support.money import talk_ms


def at_another_device(party: Party) -> Party:
    return replace(party, device=f"device-{new_id()}", sid=f"socket-{new_id()}")


def with_a_new_socket(party: Party) -> Party:
    return replace(party, sid=f"socket-{new_id()}")


async def come_back(house: House, party: Party, session: object) -> Party:
    back = with_a_new_socket(party)
    await house.join(back, session, resume=True)  # type: ignore[arg-type]
    await house.proven(back, session)  # type: ignore[arg-type]
    return back


async def test_a_lost_socket_pauses_the_call_and_the_gap_is_not_charged(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 100.25, step=10)
    await house.leave(client, session)
    paused = await house.call(session)
    await house.silence(session, 30.125, but=Side.CALLEE)

    await come_back(house, client, session)
    await house.talk(session, 50.5, step=10)
    await house.calls.endings.end(coach.who, session, None)
    payment = await house.settle(session)

    call = await house.call(session)
    assert paused.state is CallState.PAUSED
    assert talk_ms(call) == 150_750
    assert (call.final.billable_seconds, payment.amount) == (150, 625)  # type: ignore[union-attr]
    assert house.published.named("live-session-paused")[0]["billableSeconds"] == 100
    assert house.published.named("live-session-resumed")[0]["billableSeconds"] == 100
    await house.assert_books_agree(session)


async def test_a_return_through_the_same_connection_keeps_its_generation(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.leave(client, session)

    await come_back(house, client, session)
    resumed = (await house.call(session)).epoch
    await house.join(with_a_new_socket(client), session, resume=False)

    assert (resumed, (await house.call(session)).epoch) == (0, 1)


async def test_nobody_comes_back_and_the_call_ends_at_the_last_proven_instant(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 90, step=10)
    await house.leave(client, session)
    left_at = house.clock.now()
    await house.silence(session, 44, but=Side.CALLEE)
    still = (await house.call(session)).state
    await house.silence(session, 1, but=Side.CALLEE)
    call = await house.call(session)

    payment = await house.settle(session)

    assert (still, call.state, call.end_reason) == (CallState.PAUSED, CallState.SETTLED, "connection_lost")
    assert (call.ended_at, payment.amount) == (left_at, 375)
    await house.assert_books_agree(session)


@pytest.mark.parametrize("late", [60, 3600, 86_400])
async def test_however_late_the_grace_timer_runs_the_price_is_the_same(house: House, late: int) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 90, step=10)
    await house.leave(coach, session)
    left_at = house.clock.now()

    house.clock.advance(late)
    payment = await house.settle(session)

    assert ((await house.call(session)).ended_at, payment.amount) == (left_at, 375)


async def test_silence_of_both_ends_the_call_at_the_last_proof_even_if_nobody_noticed_for_an_hour(
    house: House,
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)
    house.clock.advance(3600)

    await house.notice_missing_proofs()
    payment = await house.settle(session)

    call = await house.call(session)
    assert (talk_ms(call), payment.amount, call.end_reason) == (60_000, 250, "connection_lost")


async def test_ending_by_hand_after_an_hour_of_silence_charges_only_what_was_proven(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)
    house.clock.advance(3600)

    await house.calls.endings.end(coach.who, session, None)
    payment = await house.settle(session)

    assert payment.amount == 250
    await house.assert_books_agree(session)


async def test_a_missing_proof_that_could_not_be_written_is_written_at_the_next_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    proven_at = house.clock.now()
    house.clock.advance(9)

    async def away(work: object) -> None:
        raise Unavailable("away")

    media, late = house.calls.media, timedelta(seconds=8)
    with monkeypatch.context() as outage:
        outage.setattr(media, "_transact", away)
        with pytest.raises(Unavailable):
            await media.proof_missing(session, Side.CALLER, client.sid)
    missing = house.calls.keeper.expired(late)
    for one in missing:
        await media.proof_missing(*one)

    call = await house.call(session)
    assert {side for _, side, _ in missing} == {Side.CALLER, Side.CALLEE}
    assert (call.state, call.paused_at) == (CallState.PAUSED, proven_at)
    assert house.calls.keeper.expired(late) == []


async def test_a_missing_proof_pauses_at_the_last_one(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 40, step=10)
    proven_at = house.clock.now()
    await house.silence(session, 8, but=Side.CALLEE)
    believed = (await house.call(session)).state

    await house.silence(session, 1, but=Side.CALLEE)

    call = await house.call(session)
    assert (believed, call.state) == (CallState.LIVE, CallState.PAUSED)
    assert (call.paused_at, call.pause_reason) == (proven_at, "proof_missing")


async def test_pauses_of_three_minutes_in_all_end_the_call(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    for _ in range(4):
        await house.talk(session, 10, step=10)
        await house.leave(client, session)
        await house.silence(session, 40, but=Side.CALLEE)
        client = await come_back(house, client, session)
    await house.talk(session, 10, step=10)
    await house.leave(client, session)
    await house.silence(session, 19, but=Side.CALLEE)
    still = (await house.call(session)).state

    await house.silence(session, 1, but=Side.CALLEE)
    payment = await house.settle(session)

    call = await house.call(session)
    assert (still, call.end_reason, talk_ms(call)) == (CallState.PAUSED, "connection_lost", 50_000)
    assert (call.paused_total, payment.amount) == (timedelta(seconds=180), 208)


async def test_reporting_a_loss_that_is_none_ends_after_the_grace_and_costs_what_was_talked(
    house: House,
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)
    await house.media(client, session, "disconnected")
    await house.silence(session, 45, but=Side.CALLEE)

    payment = await house.settle(session)

    assert payment.amount == 250
    assert house.published.named("live-session-paused")[0]["reason"] == "media_disconnected"


async def test_a_second_device_takes_over_and_the_first_is_told(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 30, step=10)
    tablet = at_another_device(client)
    await house.join(tablet, session)
    call = await house.call(session)
    house.clock.advance(2)
    await house.keep_proving(session, Side.CALLEE)
    await house.proven(tablet, session)
    await house.talk(session, 30, step=10)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)

    (taken,) = house.published.named("live-seat-taken")
    assert (taken["sid"], taken["role"], taken["deviceId"]) == (client.sid, "caller", tablet.device)
    assert (call.epoch, call.state, call.caller.seat.sid) == (1, CallState.PAUSED, tablet.sid)  # type: ignore[union-attr]
    assert (talk_ms(await house.call(session)), payment.amount) == (60_000, 250)


async def test_the_replaced_device_cannot_take_part_any_more(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.join(at_another_device(client), session)
    before = await house.call(session)

    for attempt in (
        house.media(client, session, "failed"),
        house.calls.handshakes.bump_epoch(session, client.who.user_id, client.sid, 2),
    ):
        with pytest.raises(DomainError) as refused:
            await attempt
        assert refused.value.code is Code.NOT_JOINED
    await house.leave(client, session)

    assert await house.call(session) == before


@pytest.mark.parametrize("state", ["connected", "disconnected", "failed"])
@pytest.mark.parametrize("wrong", ["socket", "epoch"])
async def test_a_report_from_the_wrong_socket_or_generation_changes_nothing(
    house: House, state: str, wrong: str
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 10, step=10)
    await house.media(client, session, "disconnected")
    before = await house.call(session)
    reporter = {"socket": at_another_device(client), "epoch": client}[wrong]
    epoch = {"socket": 0, "epoch": 7}[wrong]

    with pytest.raises(DomainError) as refused:
        await house.media(reporter, session, state, epoch)

    assert refused.value.code in (Code.NOT_JOINED, Code.STALE_EPOCH)
    assert await house.call(session) == before


@pytest.mark.parametrize("state", ["disconnected", "failed", "connected"])
async def test_a_refused_report_leaves_the_true_socket_watched(house: House, state: str) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 10, step=10)
    proven_at = house.clock.now()
    stranger = at_another_device(client)

    with pytest.raises(DomainError):
        await house.media(stranger, session, state)
    with pytest.raises(DomainError):
        await house.media(client, session, "disconnected", 7)
    await house.silence(session, 9, but=Side.CALLEE)

    call = await house.call(session)
    assert (call.state, call.paused_at, call.pause_reason) == (CallState.PAUSED, proven_at, "proof_missing")


async def test_a_restart_of_ice_begins_the_next_generation_once(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.calls.handshakes.bump_epoch(session, client.who.user_id, client.sid, 1)

    with pytest.raises(Conflict) as late:
        await house.calls.handshakes.bump_epoch(session, coach.who.user_id, coach.sid, 1)
    with pytest.raises(Conflict) as stale:
        await house.media(coach, session, "disconnected", 0)

    call = await house.call(session)
    assert (late.value.code, late.value.details) == (Code.STALE_EPOCH, {"epoch": 1})
    assert (stale.value.code, call.epoch, call.state) == (Code.STALE_EPOCH, 1, CallState.LIVE)


async def test_a_dead_process_ends_what_it_held_at_the_earlier_of_heartbeat_and_proof(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)
    await house.stores.processes.beat(house.process, "server")
    house.clock.advance(3)
    await house.keep_proving(session)
    await fall_silent(house, 100)

    await undertaker(house).turn()
    payment = await house.settle(session)

    call = await house.call(session)
    assert (talk_ms(call), payment.amount, call.end_reason) == (60_000, 250, "connection_lost")
    assert await house.stores.processes.alive() == []
    await house.assert_books_agree(session)


async def test_a_dead_process_whose_proofs_stopped_first_ends_at_the_proof(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)
    house.clock.advance(5)
    await house.stores.processes.beat(house.process, "server")
    await fall_silent(house, 100)

    await undertaker(house).turn()

    call = await house.call(session)
    assert (call.state, talk_ms(call)) == (CallState.PAUSED, 60_000)


async def test_the_sockets_of_a_process_thought_dead_may_join_again(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)
    await house.stores.processes.beat(house.process, "server")
    await fall_silent(house, 10)
    await undertaker(house).turn()

    house.calls.keeper.drop(session)
    await come_back(house, client, session)
    await come_back(house, coach, session)
    await house.talk(session, 30, step=10)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)

    assert payment.amount == 375


async def test_a_dead_process_takes_its_coaches_offline_after_their_absence(house: House) -> None:
    coach = await house.coach()
    await house.stores.processes.beat(house.process, "server")
    await fall_silent(house, 10)
    await undertaker(house).turn()
    await house.pass_time(29)
    still = house.published.statuses(coach)[-1]

    await house.pass_time(1)

    assert (still, house.published.statuses(coach)[-1]) == ("online", "offline")


async def test_only_one_undertaker_works_at_a_time(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.stores.processes.beat(house.process, "server")
    await fall_silent(house, 10)
    await house.stores.leases.hold("undertaker", "another", timedelta(seconds=5))

    await undertaker(house).turn()

    assert (await house.call(session)).state is CallState.LIVE


async def test_the_coach_cools_down_after_talk_and_is_online_again(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 20, step=10)
    await house.calls.endings.end(client.who, session, None)
    claim = (await house.stored_coach(coach)).claim
    await house.pass_time(59)
    still = house.published.statuses(coach)[-1]

    await house.pass_time(1)

    assert claim is not None
    assert (claim.state, still) == (ClaimState.COOLDOWN, "busy")
    assert house.published.statuses(coach) == ["online", "busy", "online"]
    assert (await house.stored_coach(coach)).claim is None


async def test_a_coach_who_left_during_talk_is_offline_after_the_cooldown(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.calls.presence.left(coach.who.user_id)
    await house.talk(session, 60, step=10)
    await house.calls.endings.end(client.who, session, None)

    await house.pass_time(60)

    assert house.published.statuses(coach) == ["online", "busy", "offline"]


async def test_a_suspended_participant_ends_the_call_paid_up_to_that_instant(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)

    await house.calls.endings.suspended(client.who.user_id)
    payment = await house.settle(session)

    call = await house.call(session)
    assert (call.end_reason, payment.amount) == ("suspended", 250)
    assert call.caller.seat is not None
    assert call.caller.seat.sid == SocketId(client.sid)


async def fall_silent(house: House, seconds: float) -> None:
    """Time passes without a heartbeat, also by the database's clock, which no test can move."""
    house.clock.advance(seconds)
    silence = {"wall": {"$subtract": ["$wall", seconds * 1000]}}
    await house.stores.db["processes"].update_many({}, [{"$set": silence}])


def undertaker(house: House) -> Undertaker:
    stores = house.stores
    return Undertaker(
        processes=stores.processes,
        leases=stores.leases,
        holder="worker",
        calls=stores.calls,
        presence_of=stores.presence,
        handshakes=house.calls.handshakes,
        sessions=house.stores.scheduled,
        session_seats=house.calls.sessions.seats,
        presence=house.calls.presence,
        timers=stores.timers,
    )
