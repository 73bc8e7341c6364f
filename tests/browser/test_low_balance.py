"""The card pays no further in the middle of a call: both are told, another card goes on paying."""

import re

from playwright.async_api import expect

from tests.browser.stage import Stage
from tests.support.program import eventually
from tools.browser.talk import talking


async def test_another_card_pays_when_the_first_pays_no_further(stage: Stage) -> None:
    coach, client = await stage.coach(), await stage.client()
    await stage.saves_card(client, "pm_card_mastercard")
    # The first block is held; the second one is refused.
    await stage.declines(client, nth=2, code="insufficient_funds")
    await coach.goes_online()
    side, other = await talking(client, coach)

    await expect(client.page.get_by_role("heading", name="The card pays no further")).to_be_visible()
    await client.reads("There is not enough money on the card")
    await client.reads("The call stops at 15:00 unless it is paid for.")
    await coach.reads("The payment for the next minutes is being sorted out.")
    choice = client.page.get_by_role("region", name="Payment").get_by_label("Another card")
    await choice.select_option(label="Mastercard •••• 4444")
    await client.presses("Pay with this card")

    await client.reads("The next minutes are paid for.")
    for window in (client, coach):
        await expect(window.page.get_by_text(re.compile("pays no further|being sorted out"))).to_have_count(0)
    await side.sees_the_other_move()
    await other.goes_on()
    session = side.session_id
    await side.ends()
    await eventually(lambda: stage.captured(session))
    view = await stage.view(client, session)
    refused = [hold for hold in view["holds"] if hold["state"] == "refused"]
    assert [hold["refusal"] for hold in refused] == ["insufficient_funds"]
