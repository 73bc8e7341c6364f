"""A whole call without a mouse."""

import re

from playwright.async_api import Locator, expect

from domain.accounts.account import Role
from tests.browser.stage import Stage
from tests.support.program import PASSWORD
from tools.browser.talk import Talk
from tools.browser.window import Window

#: More stops than any page has before what is looked for.
MANY = 80


async def tab_to(window: Window, wanted: Locator) -> None:
    """Tab on until it has the focus."""
    await expect(wanted).to_be_visible()
    for _ in range(MANY):
        if await wanted.evaluate("(node) => node === document.activeElement"):
            return
        await window.page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by the Tab key")


async def press(window: Window, wanted: Locator, key: str = "Enter") -> None:
    # What is disabled is passed over.
    await expect(wanted).to_be_enabled()
    await tab_to(window, wanted)
    await window.page.keyboard.press(key)


async def signs_in(window: Window, email: str) -> None:
    await window.page.goto("/sign-in")
    await tab_to(window, window.page.get_by_label("E-mail address"))
    await window.page.keyboard.type(email)
    await window.page.keyboard.press("Tab")
    await window.page.keyboard.type(PASSWORD)
    await window.page.keyboard.press("Enter")
    await expect(window.account).to_be_visible()


async def test_a_whole_call_by_keyboard(stage: Stage) -> None:
    trainer, caller = await stage.person(Role.COACH), await stage.person(Role.CLIENT, card="pm_card_visa")
    coach, client = await stage.window(), await stage.window()
    await signs_in(coach, trainer.email)
    await press(coach, coach.page.get_by_role("switch"), "Space")
    await expect(coach.page.get_by_role("heading", name="You are online")).to_be_visible()

    await signs_in(client, caller.email)
    await tab_to(client, client.page.get_by_role("searchbox"))
    await client.page.keyboard.type(trainer.name)
    await press(client, client.page.get_by_role("button", name=f"Call {trainer.name}"))
    await press(client, client.page.get_by_role("button", name="Call now"))
    await coach.is_called_by(caller.name)
    await expect(coach.page.get_by_role("button", name="Accept")).to_be_focused()
    await coach.page.keyboard.press("a")

    for window, other in ((client, trainer.name), (coach, caller.name)):
        await Talk(window, other).begins()
    await press(coach, coach.page.get_by_role("button", name="Mute microphone"))
    await expect(coach.page.get_by_role("button", name="Unmute microphone")).to_be_focused()
    await press(client, client.page.get_by_role("button", name="End call"))

    for window in (client, coach):
        heading = window.page.get_by_role("heading", level=1, name="Call with")
        await expect(heading).to_be_focused()


async def test_the_focus_stays_in_a_list_when_one_of_it_is_changed(stage: Stage) -> None:
    client = await stage.client(card="pm_card_visa")
    page = client.page
    await page.goto("/cards")
    await press(client, page.get_by_role("button", name="Add: ").nth(1))
    await press(client, page.get_by_role("button", name=re.compile("^Make .* the default$")))
    await expect(page.get_by_text("pays from now on")).to_be_visible()

    assert await page.evaluate("document.activeElement.closest('[aria-label=\"Saved cards\"]') !== null")
