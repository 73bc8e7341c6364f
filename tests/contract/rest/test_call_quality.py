"""Quality samples of a call are read by its two sides and the admin: the last two hundred, oldest first."""

from domain.calls.session import Side
from domain.ids import SessionId
from signaling.queries import SAMPLES_SHOWN
from tests.contract.rest.test_payments import settled
from tests.support.door import Door


async def test_the_last_samples_of_a_call_are_shown_to_whoever_may_read_it(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    admin, stranger = await door.person("admin@demo.test"), await door.person("client2@demo.test")
    session = SessionId(await settled(door, client, coach))
    house = door.house
    before = (await client.get(f"/api/live-sessions/{session}")).json["quality"]

    for number in range(SAMPLES_SHOWN + 2):
        house.clock.advance(1)
        side = (Side.CALLER, Side.CALLEE)[number % 2]
        await house.stores.quality.record(
            session, side, house.clock.now(), {"rttMs": float(number), "lossPct": 0.5}
        )
    shown = [
        (await caller.get(f"/api/live-sessions/{session}")).json["quality"]
        for caller in (client, coach, admin)
    ]

    assert before == []
    assert shown[0] == shown[1] == shown[2]
    assert [one["measured"]["rttMs"] for one in shown[0]] == list(range(2, SAMPLES_SHOWN + 2))
    assert shown[0][0].keys() == {"at", "side", "measured"}
    assert [one["side"] for one in shown[0][:2]] == ["caller", "callee"]
    assert (await stranger.get(f"/api/live-sessions/{session}")).code == "NOT_FOUND"
