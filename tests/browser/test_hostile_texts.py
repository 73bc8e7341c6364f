"""What people write about themselves is text, whatever it looks like."""

import re

from playwright.async_api import expect

from domain.accounts.account import Role
from domain.ids import new_id
from tests.browser.manners import too_wide
from tests.browser.stage import Stage
from tests.support.program import PASSWORD
from tools.browser.talk import talking
from tools.browser.window import PHONE, Window

MARKUP = "<img src=x onerror=window.ran=1>"
#: RIGHT-TO-LEFT OVERRIDE: turns around what follows, "is calling" among it.
BACKWARDS = "\u202e"
LONG = "endless" * 560


async def nothing_ran(window: Window) -> None:
    """No text became markup in this window, and none is wider than its screen."""
    assert await window.page.evaluate("() => window.ran") is None
    assert await window.page.locator("img[src=x], [onerror], main script, main style").count() == 0
    assert await too_wide(window.page) == []


async def test_names_and_profiles_are_shown_as_text_everywhere(stage: Stage) -> None:
    person = await stage.person(Role.COACH, name=f"{MARKUP} coach")
    await stage.writes(person, avatarUrl="https://127.0.0.1:9/x.png")
    await stage.writes(
        person,
        coach={"headline": f"{MARKUP}<b>best</b>", "bio": LONG + MARKUP, "expertise": [MARKUP, "x" * 60]},
    )
    coach = await stage.seated(person, size=PHONE)
    client = await stage.client(name=f"{MARKUP} client", size=PHONE)
    for window in (coach, client):
        window.complaints.expect("127.0.0.1:9/|ERR_CONNECTION_REFUSED|ERR_UNSAFE_PORT")
    await coach.goes_online()
    await nothing_ran(coach)

    card = await client.looks_for(person.name)
    await expect(card.get_by_text(f"{MARKUP}<b>best</b>")).to_be_visible()
    await nothing_ran(client)
    await card.get_by_role("link", name=person.name).click()
    await expect(client.page.get_by_text(MARKUP).filter(visible=True).first).to_be_visible()
    await expect(client.page.get_by_text(re.compile("^endless"))).to_be_visible()
    await nothing_ran(client)

    side, other = await talking(client, coach)
    for talk in (side, other):
        await nothing_ran(talk.window)
    await side.ends()
    for window in (client, coach):
        await expect(window.page.get_by_role("heading", level=1)).to_contain_text(MARKUP)
        await nothing_ran(window)
    # Whoever sees this coach in a list later shall not look for the picture.
    await stage.writes(person, avatarUrl=None)


async def test_a_name_that_would_turn_the_sentence_around_is_refused(stage: Stage) -> None:
    window = await stage.window()
    window.complaints.expect("400")
    await window.register(
        name=f"Test {BACKWARDS}reyalP", email=f"new-{new_id()}@example.test", password=PASSWORD
    )
    await expect(window.page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
