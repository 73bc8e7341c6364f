"""Two windows, one paid call: from a green mark to a receipt that says what the gateway says."""

import re

from playwright.async_api import expect

from tests.browser.stage import Stage
from tests.support.program import RATE, eventually
from tools.browser.talk import Talk
from tools.browser.window import Window


async def test_two_windows_complete_a_paid_call(stage: Stage) -> None:
    coach, client = await stage.coach(), await stage.client()
    card = await client.looks_for(coach.person)
    await expect(card.get_by_text("Offline")).to_be_visible()
    await coach.goes_online()
    await expect(card.get_by_text("Online", exact=True)).to_be_visible()
    await expect(card.get_by_text("$2.50")).to_be_visible()

    await card.get_by_role("button", name=f"Call {coach.person}").click()
    await client.presses("Call now")
    await coach.is_called_by(client.person)
    await expect(coach.page).to_have_title(f"{client.person} is calling")
    assert client.namespaces == coach.namespaces == ["/notifications"]
    await coach.presses("Accept")

    sides = Talk(client, coach.person), Talk(coach, client.person)
    for side in sides:
        await side.begins()
        await side.sees_the_other_move()
        await side.hears_the_other()
        await side.goes_on(seconds=5)
        assert await speaks_on(side.window, "/live", "/notifications")
    session = sides[0].session_id
    await expect(sides[0].meter).to_have_text(re.compile("^[1-9]:"))
    await expect(sides[0].cost).not_to_have_text("$0.00")
    await sides[0].ends()

    paid = await amount_on(client, "You paid")
    earned = await amount_on(coach, "You earned")
    for window in (client, coach):
        await eventually(lambda window=window: speaks_on(window, "/notifications"))
    assert paid == await eventually(lambda: stage.captured(session))
    assert earned == (await stage.view(coach, session))["earned"]["amount"]
    view = await stage.view(client, session)
    assert paid == (2 * RATE.amount * view["billableSeconds"] + 60) // 120
    assert {entry["minute"] for entry in view["minutes"]} >= {1}


async def speaks_on(window: Window, *namespaces: str) -> bool:
    """Whether these are the connections of a window, and no others."""
    return sorted(window.namespaces) == [*namespaces]


async def amount_on(window: Window, label: str) -> int:
    """Minor units, off a receipt that is settled."""
    await expect(window.page).to_have_url(re.compile("/receipts/"))
    bill = window.page.get_by_role("region", name="Amount").filter(has_text=label)
    text = await bill.get_by_text(re.compile(r"^\$[\d.]+$")).first.inner_text()
    return round(float(text.removeprefix("$")) * 100)
