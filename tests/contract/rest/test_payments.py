"""Saved cards, payment history, calls as documents, webhooks."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from billing.payment_methods import CARDS_MAX
from domain.accounts.account import Identity
from domain.coaching.coach import Wish
from domain.ids import UserId
from tests.support.door import Caller, Door
from tests.support.house import Party
from tests.support.sandbox import WEBHOOK_SECRET

CARDS = "/api/payment-methods"


async def cards_of(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await caller.get(CARDS)).json["items"]
    return found


async def added(caller: Caller, token: str = "pm_card_mastercard", **more: Any) -> dict[str, Any]:
    answer = await caller.post(CARDS, {"paymentMethodToken": token, **more})
    assert answer.status == 201, answer.body
    card: dict[str, Any] = answer.json
    return card


async def defaults(caller: Caller) -> list[str]:
    return [card["id"] for card in await cards_of(caller) if card["isDefault"]]


async def at_the_gateway(door: Door, caller: Caller) -> list[str]:
    account = await door.house.stores.transact(
        lambda tx: door.house.stores.accounts.get(tx, UserId(caller.user["userId"]))
    )
    listed = await door.house.sandbox.client.v1.payment_methods.list_async(
        {"customer": account.gateway_customer or "", "limit": 100}
    )
    return [method.id for method in listed.data]


async def test_the_first_card_is_the_default_and_a_second_is_not(client: Caller) -> None:
    (visa,) = await cards_of(client)
    mastercard = await added(client)

    assert visa.items() >= {"brand": "visa", "last4": "4242", "isDefault": True}.items()
    assert mastercard["isDefault"] is False
    assert await defaults(client) == [visa["id"]]


async def test_another_card_can_be_made_the_default(client: Caller) -> None:
    (visa,) = await cards_of(client)
    mastercard = await added(client, makeDefault=True)
    assert await defaults(client) == [mastercard["id"]]

    chosen = await client.call("PUT", f"{CARDS}/{visa['id']}/default")

    assert chosen.json["isDefault"] is True
    assert await defaults(client) == [visa["id"]]


async def test_when_the_default_goes_the_newest_of_the_rest_takes_its_place(
    door: Door, client: Caller
) -> None:
    (visa,) = await cards_of(client)
    await added(client)
    door.house.clock.advance(1)
    newest = await added(client, "pm_card_amex")

    assert (await client.call("DELETE", f"{CARDS}/{visa['id']}")).status == 204
    assert await defaults(client) == [newest["id"]]
    assert (await client.call("DELETE", f"{CARDS}/{visa['id']}")).code == "NOT_FOUND"


async def test_a_removed_card_is_gone_at_the_gateway_too(door: Door, client: Caller) -> None:
    (visa,) = await cards_of(client)
    await client.call("DELETE", f"{CARDS}/{visa['id']}")

    assert await door.house.stores.db["cards"].count_documents({"user_id": visa["id"]}) == 0
    assert await at_the_gateway(door, client) == []


async def test_a_removal_that_the_gateway_did_not_confirm_is_repeated(door: Door, client: Caller) -> None:
    (visa,) = await cards_of(client)
    await door.house.sandbox.fault("error_500_before", operation="payment_methods.detach")
    assert (await client.call("DELETE", f"{CARDS}/{visa['id']}")).status == 204
    assert await cards_of(client) == []
    door.house.clock.advance(31)

    assert await door.accounts.payment_methods.finish_removals() == 1
    assert await door.accounts.payment_methods.finish_removals() == 0


@pytest.mark.parametrize("fault", ["error_500_before", "error_500_after", "drop_after_success", "conflict"])
@pytest.mark.parametrize("operation", ["customers.create", "payment_methods.attach"])
async def test_a_card_is_saved_once_whatever_happened_to_the_first_tries(
    door: Door, fault: str, operation: str
) -> None:
    client = await door.person("coach@demo.test")
    await door.house.sandbox.fault(fault, operation=operation)
    body = {"paymentMethodToken": "pm_card_visa"}

    tries = [await client.post(CARDS, body) for _ in range(3)]

    saved = [answer for answer in tries if answer.status == 201]
    assert {answer.code for answer in tries if answer.status != 201} == {"UNAVAILABLE"}
    assert len(await cards_of(client)) == len({answer.json["id"] for answer in saved}) >= 1
    assert len(await defaults(client)) == 1
    assert await door.house.stores.db["card_setups"].count_documents({}) == 0


async def test_a_refused_card_changes_nothing(client: Caller) -> None:
    refused = await client.post(CARDS, {"paymentMethodToken": "pm_card_nonsense"})

    assert (refused.status, refused.code) == (402, "PAYMENT_REFUSED")
    assert refused.json["details"]["reason"]
    assert len(await cards_of(client)) == 1


async def test_an_unverified_account_saves_no_card(door: Door) -> None:
    body = {"email": "new@demo.test", "password": "correct horse", "name": "New", "role": "client"}
    await door.stranger().post("/api/auth/register", body)
    newcomer = await door.person("new@demo.test", "correct horse")

    answer = await newcomer.post(CARDS, {"paymentMethodToken": "pm_card_visa"})

    assert (answer.status, answer.code) == (403, "ACCOUNT_UNVERIFIED")


async def test_cards_of_others_do_not_exist(door: Door, client: Caller) -> None:
    other = await door.person("client2@demo.test")
    (card,) = await cards_of(other)

    assert (await client.call("DELETE", f"{CARDS}/{card['id']}")).code == "NOT_FOUND"
    assert (await client.call("PUT", f"{CARDS}/{card['id']}/default")).code == "NOT_FOUND"
    assert await defaults(other) == [card["id"]]


async def test_the_same_key_saves_one_card_and_says_the_same(client: Caller) -> None:
    body, headers = {"paymentMethodToken": "pm_card_amex"}, {"Idempotency-Key": "once"}

    first = await client.post(CARDS, body, headers=headers)
    again = await client.post(CARDS, body, headers=headers)

    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await cards_of(client)) == 2


async def test_a_key_is_for_one_request(door: Door, client: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    await client.post(CARDS, {"paymentMethodToken": "pm_card_amex"}, headers=headers)

    other = await client.post(CARDS, {"paymentMethodToken": "pm_card_visa"}, headers=headers)
    stranger = await door.person("client2@demo.test")

    assert (other.status, other.code) == (409, "ILLEGAL_STATE")
    assert (await stranger.post(CARDS, {"paymentMethodToken": "pm_card_visa"}, headers=headers)).status == 201


async def test_a_refusal_is_not_kept_for_its_key(client: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    refused = [
        await client.post(CARDS, {"paymentMethodToken": "pm_card_nonsense"}, headers=headers)
        for _ in range(2)
    ]

    assert [answer.code for answer in refused] == ["PAYMENT_REFUSED"] * 2


async def test_the_same_request_at_once_saves_one_card(client: Caller) -> None:
    body = {"paymentMethodToken": "pm_card_amex"}
    answers = await asyncio.gather(*(client.post(CARDS, body) for _ in range(4)))

    saved = {answer.json["id"] for answer in answers if answer.status == 201}
    assert {answer.status for answer in answers} == {201}
    assert len(await cards_of(client)) == 1 + len(saved)
    assert len(await defaults(client)) == 1


async def test_any_changes_at_once_leave_one_default(client: Caller) -> None:
    ids = [(await added(client))["id"] for _ in range(3)]
    await asyncio.gather(
        client.call("DELETE", f"{CARDS}/{ids[0]}"),
        client.call("PUT", f"{CARDS}/{ids[1]}/default"),
        client.call("PUT", f"{CARDS}/{ids[2]}/default"),
        added(client, "pm_card_amex", makeDefault=True),
    )

    assert len(await defaults(client)) == 1


async def test_there_is_a_limit_of_cards(client: Caller) -> None:
    for _ in range(9):
        await added(client)

    assert (await client.post(CARDS, {"paymentMethodToken": "pm_card_visa"})).code == "ILLEGAL_STATE"


# --- calls and payments ---------------------------------------------------------------------------------------------


async def test_of_many_cards_at_once_no_more_are_kept_than_the_limit(door: Door, client: Caller) -> None:
    who, methods = door.demo["client@demo.test"], door.accounts.payment_methods
    for _ in range(CARDS_MAX - 2):
        await methods.add(who, "pm_card_visa")

    tokens = ("pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_discover")
    tries = await asyncio.gather(*(methods.add(who, token) for token in tokens), return_exceptions=True)

    assert sorted(type(one).__name__ for one in tries) == ["Card", "Conflict", "Conflict", "Conflict"]
    assert len(await cards_of(client)) == CARDS_MAX
    assert len(await defaults(client)) == 1
    assert len(await at_the_gateway(door, client)) == CARDS_MAX
    assert await door.house.stores.db["cards"].count_documents({"removed_at": {"$ne": None}}) == 0


async def test_the_eleventh_try_to_save_a_card_in_a_minute_has_to_wait(client: Caller) -> None:
    tries = [await client.post(CARDS, {"paymentMethodToken": "pm_card_nonsense"}) for _ in range(11)]

    assert [answer.code for answer in tries] == ["PAYMENT_REFUSED"] * 10 + ["RATE_LIMITED"]
    assert (await client.get(CARDS)).status == 200


async def settled(door: Door, client: Caller, coach: Caller, *, seconds: float = 120) -> str:
    """A call between the two, settled."""
    house = door.house
    parties = [
        Party(
            Identity(
                UserId(caller.user["userId"]),
                caller.user.get("coachId"),
                door.demo[email].role,
                "family",
                house.clock.wall(),
            ),
            f"device-{email}",
            f"socket-{email}",
        )
        for caller, email in ((client, "client@demo.test"), (coach, "coach@demo.test"))
    ]
    await house.calls.presence.set_status(parties[1].who, Wish.ONLINE, None)
    session = await house.live(parties[0], parties[1])
    await house.talk(session, seconds, step=10)
    await house.calls.endings.end(parties[0].who, session, None)
    await house.settle(session)
    return session


async def test_a_settled_call_is_read_by_its_two_sides_and_the_admin(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    session = await settled(door, client, coach)
    admin = await door.person("admin@demo.test")
    stranger = await door.person("client2@demo.test")

    views = [(await caller.get(f"/api/live-sessions/{session}")).json for caller in (client, coach, admin)]

    assert [view.get("role") for view in views] == ["caller", "callee", None]
    assert {view["state"] for view in views} == {"settled"}
    assert {view["billableSeconds"] for view in views} == {120}
    assert {view["amount"]["amount"] for view in views} == {500}
    assert views[0]["payment"]["state"] == "captured"
    assert [entry["what"] for entry in views[0]["timeline"]][-1] == "settle"
    assert (await stranger.get(f"/api/live-sessions/{session}")).code == "NOT_FOUND"


async def test_the_coach_reads_of_a_missing_block_only_that_it_is_about_payment(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    await door.house.sandbox.fault("decline", code="insufficient_funds", nth=2)
    session = await settled(door, client, coach, seconds=730)

    views = [(await caller.get(f"/api/live-sessions/{session}")).json for caller in (client, coach)]

    reasons = [
        [entry["detail"]["reason"] for entry in view["timeline"] if entry["what"] == "low_balance"]
        for view in views
    ]
    assert reasons == [["insufficient_funds"], ["payment"]]
    assert "insufficient_funds" not in str(views[1])


async def test_a_stolen_card_is_not_called_stolen_when_it_is_saved(client: Caller) -> None:
    answer = await client.post(CARDS, {"paymentMethodToken": "pm_card_chargeDeclinedStolenCard"})

    assert answer.code == "PAYMENT_REFUSED"
    assert "stolen" not in str(answer.json)
    assert "card_declined" in str(answer.json)


async def test_history_lists_calls_and_payments(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    session = await settled(door, client, coach)

    calls = [(await caller.get("/api/live-sessions")).json["items"] for caller in (client, coach)]
    paid = (await client.get("/api/payments/me")).json["items"]

    assert [[call["sessionId"] for call in items] for items in calls] == [[session], [session]]
    assert [(one["sessionId"], one["amount"]["amount"]) for one in paid] == [(session, 500)]
    assert paid[0]["coachName"] == "Demo Coach"
    assert not {"title", "bookingId"} & paid[0].keys()
    assert paid[0]["price"]["gross"] == paid[0]["price"]["net"] + paid[0]["price"]["tax"] == 500
    assert (await coach.get("/api/payments/me")).json["items"] == []


def signed(body: bytes, at: float) -> dict[str, str]:
    """Headers as Stripe signs (https://docs.stripe.com/webhooks#verify-manually)."""
    stamp = int(at)
    tag = hmac.new(WEBHOOK_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={tag}", "Content-Type": "application/json"}


def event(event_id: str = "evt_1") -> bytes:
    return json.dumps(
        {
            "id": event_id,
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": int(time.time()),
            "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
        }
    ).encode()


async def test_a_signed_event_is_stored_once(door: Door) -> None:
    body = event()
    answers = [
        await door.stranger().post(
            "/api/payments/webhook/stripe", data=body, headers=signed(body, time.time())
        )
        for _ in range(2)
    ]

    assert [(answer.status, answer.json) for answer in answers] == [(200, {"received": True})] * 2
    assert await door.house.stores.db["webhooks"].count_documents({}) <= 1
    assert await door.house.stores.db["timers"].count_documents({"kind": "webhook"}) == 1


@pytest.mark.parametrize("damage", ["body", "age", "secret"])
async def test_an_event_that_the_gateway_did_not_sign_is_refused(door: Door, damage: str) -> None:
    body = event()
    headers = signed(body, time.time() - 3600 * (damage == "age"))
    headers["Stripe-Signature"] += "0" * (damage == "secret")
    sent = body + b" " * (damage == "body")

    answer = await door.stranger().post("/api/payments/webhook/stripe", data=sent, headers=headers)

    assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD")
    assert await door.house.stores.db["timers"].count_documents({"kind": "webhook"}) == 0
