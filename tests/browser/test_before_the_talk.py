"""A client calls, and there is no talk: each reason has its own words and a way on, and nobody pays."""

import re

from playwright.async_api import expect

from tests.browser.stage import Stage
from tests.support.program import eventually

FAILS_WHEN_CHARGED = "pm_card_chargeCustomerFail"
WANTS_3DS = "pm_card_threeDSecure2Required"


async def test_a_refused_card_is_told_in_a_sentence_and_the_coach_never_hears_of_it(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    client = await stage.client(card=FAILS_WHEN_CHARGED)

    await client.calls(coach.name)

    await client.reads("The bank declined the card and gave no reason.")
    await client.reads("The coach was not disturbed and nothing was charged.")
    await expect(client.dialog(f"Call {coach.name}").get_by_label("Pay with")).to_be_visible()
    assert device.named("live_session_ringing") == []


async def test_after_a_refusal_another_card_makes_it_ring(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    client = await stage.client(card=FAILS_WHEN_CHARGED)
    await stage.saves_card(client, "pm_card_mastercard")
    await client.calls(coach.name, card="0341")
    await client.reads("The bank declined the card")

    dialog = client.dialog(f"Call {coach.name}")
    await client.chooses_card(dialog, "4444")
    await dialog.get_by_role("button", name="Call now").click()

    await expect(client.dialog(f"Ringing {coach.name}")).to_be_visible()
    await device.until("live_session_ringing")


async def test_who_has_no_card_is_shown_the_way_to_one(stage: Stage) -> None:
    coach, _ = await stage.coach_elsewhere()
    client = await stage.client(card=None)
    dialog = await client.prepares_to_call(coach.name)
    await expect(dialog.get_by_role("button", name="Call now")).to_be_disabled()
    await dialog.get_by_role("link", name="Add a card").click()
    await expect(client.page).to_have_url(re.compile("/cards$"))
    await client.presses("Add: Visa that works")
    await client.reads("Visa ending in 4242")


async def test_a_client_takes_the_call_back(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    client = await stage.client()
    await client.calls(coach.name)
    ring = await device.until("live_session_ringing")

    await client.presses("Cancel the call")

    await expect(client.page.get_by_role("dialog")).to_have_count(0)
    await device.until("live_session_update", sessionId=ring["sessionId"], state="cancelled")


async def test_a_coach_declines(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    client = await stage.client()
    await client.calls(coach.name)
    ring = await device.until("live_session_ringing")

    await device.done("live_session_decline", {"sessionId": ring["sessionId"]})

    await client.reads("The coach cannot take a call at the moment. Nothing was charged.")
    await client.page.get_by_role("link", name="Find another coach").click()
    await expect(client.page.get_by_role("dialog")).to_have_count(0)


async def test_nobody_answers_and_both_are_told(stage: Stage) -> None:
    coach, client = await stage.coach(), await stage.client()
    await coach.goes_online()
    await client.calls(coach.person)
    await coach.is_called_by(client.person)
    await stage.nobody_answers()

    await client.reads("The coach did not pick up. Nothing was charged")

    await expect(coach.page.get_by_role("dialog")).to_have_count(0)
    await coach.reads(f"You missed a call from {client.person}.")
    await expect(coach.page.get_by_role("link", name=re.compile("1 unread"))).to_be_visible()
    await eventually(lambda: stage.nothing_held(client))
    await client.presses("Try again")
    await expect(client.dialog(f"Call {coach.person}")).to_be_visible()


async def test_the_bank_confirms_and_it_rings(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    client = await stage.client(card=WANTS_3DS)
    await client.calls(coach.name)
    await expect(client.dialog("Your bank asks you to confirm")).to_be_visible()
    assert device.named("live_session_ringing") == []

    async with client.page.expect_popup() as opening:
        await client.page.get_by_role("link", name="Open the bank's page").click()
    bank = await opening.value
    await bank.get_by_role("button", name="Complete").click()
    # A page that is closed on its way to the next one may never say that it is closed.
    await expect(bank.get_by_text("You may close this page.")).to_be_visible()
    await bank.close()

    await expect(client.dialog(f"Ringing {coach.name}")).to_be_visible()
    await device.until("live_session_ringing")


async def test_camera_and_microphone_denied_is_known_before_anybody_rings(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    client = await stage.client(devices=False)

    dialog = await client.prepares_to_call(coach.name)

    await client.reads("This page may not use your camera and microphone")
    await expect(dialog.get_by_role("button", name="Call now")).to_be_disabled()
    await client.answers_for_devices("granted")
    await client.presses("Try again")
    await expect(dialog.get_by_role("button", name="Call now")).to_be_enabled()
    assert device.named("live_session_ringing") == []


async def test_a_coach_without_camera_and_microphone_does_not_go_online(stage: Stage) -> None:
    coach = await stage.coach(devices=False)
    await coach.page.goto("/desk")
    await coach.page.get_by_role("switch").click()
    await coach.reads("You need at least one of them to take calls.")
    await expect(coach.page.get_by_role("heading", name="You are offline")).to_be_visible()


async def test_a_coach_who_just_went_offline_cannot_be_called(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    client = await stage.client()
    dialog = await client.prepares_to_call(coach.name)
    await device.done("coach_status_set", {"status": "offline"})

    await dialog.get_by_role("button", name="Call now").click()

    await client.reads("The coach just went offline")
    await client.presses("Close")
    await expect(client.card_of(coach.name).get_by_role("button", name=f"Call {coach.name}")).to_be_disabled()


async def test_no_coach_online_is_said_and_one_who_comes_is_told(stage: Stage) -> None:
    coach, device = await stage.coach_elsewhere()
    await device.done("coach_status_set", {"status": "offline"})
    await stage.everybody_goes_home()
    client = await stage.client()
    await client.page.goto("/coaches")
    await client.reads("No coach is online right now")
    await client.presses("Tell me when one comes online")
    await device.done("coach_status_set", {"status": "online"})
    await client.reads(re.compile(f"{coach.name}.*online"))
