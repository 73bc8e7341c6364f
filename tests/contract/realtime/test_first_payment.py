"""3-D Secure of the first block: there is no seat yet, so the client says on ``/notifications`` that it is done."""

from dataclasses import dataclass

from domain.calls.states import CallState
from domain.ids import SessionId, new_id
from tests.support.house import Party
from tests.support.realtime import Node, Tab

THREE_DS = "pm_card_authenticationRequired"


@dataclass
class Challenged:
    """A request that waits for the client's bank."""

    node: Node
    session: str
    secret: str
    tab: Tab
    coach: Party
    ring: Tab

    async def answer(self, outcome: str) -> None:
        intent = self.secret.partition("_secret_")[0]
        await self.node.house.sandbox.answer_challenge(intent, self.secret, outcome)

    async def state(self) -> CallState:
        return (await self.node.house.call(SessionId(self.session))).state


async def challenged(node: Node) -> Challenged:
    coach, client = await node.house.coach(), await node.house.client(card=THREE_DS)
    tab, ring = await node.tab(client), await node.tab(coach)
    asked = await tab.done(
        "live_session_request", {"coachId": coach.who.coach_id, "clientRequestId": new_id()}
    )
    assert asked["authorization"]["status"] == "requires_action"
    return Challenged(node, asked["sessionId"], asked["authorization"]["clientSecret"], tab, coach, ring)


async def test_a_completed_challenge_is_confirmed_and_the_coach_rings(node: Node) -> None:
    call = await challenged(node)
    await call.answer("complete")

    confirmed = await call.tab.done("live_payment_confirmed", {"sessionId": call.session})

    assert confirmed["status"] == "authorized"
    assert (await call.ring.until("live_session_ringing"))["sessionId"] == call.session
    assert await call.state() is CallState.RINGING


async def test_a_challenge_that_is_only_said_to_be_done_still_waits(node: Node) -> None:
    call = await challenged(node)

    confirmed = await call.tab.done("live_payment_confirmed", {"sessionId": call.session})

    assert confirmed == {"status": "requires_action", "clientSecret": call.secret}
    assert await call.state() is CallState.REQUIRES_ACTION
    assert call.ring.named("live_session_ringing") == []


async def test_a_failed_challenge_ends_the_request_unpaid(node: Node) -> None:
    call = await challenged(node)
    await call.answer("fail")

    confirmed = await call.tab.done("live_payment_confirmed", {"sessionId": call.session})

    assert confirmed["status"] == "refused"
    assert await call.state() is CallState.UNPAID


async def test_nobody_but_the_client_of_the_call_confirms_it(node: Node) -> None:
    call = await challenged(node)
    stranger = await node.tab(await node.house.client(card=None))
    await call.answer("complete")
    ask = {"sessionId": call.session}

    codes = [await tab.code("live_payment_confirmed", ask) for tab in (stranger, call.ring)]
    unknown = await call.tab.code("live_payment_confirmed", {"sessionId": new_id()})

    assert (codes, unknown) == (["NOT_FOUND", "FORBIDDEN"], "NOT_FOUND")
    assert await call.state() is CallState.REQUIRES_ACTION


async def test_what_was_confirmed_waits_no_more(node: Node) -> None:
    call = await challenged(node)
    await call.answer("complete")
    await call.tab.done("live_payment_confirmed", {"sessionId": call.session})

    again = await call.tab.code("live_payment_confirmed", {"sessionId": call.session})

    assert again == "ILLEGAL_STATE"
