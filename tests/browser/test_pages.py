"""Every page and state at a phone's and a desk's width, light and dark: no barrier, nothing that sticks out or jumps."""

import asyncio

from playwright.async_api import expect

from tests.browser.manners import faults_of, faults_of_state
from tests.browser.stage import Stage
from tests.support.program import eventually
from tools.browser.talk import Talk
from tools.browser.window import DESK, PHONE

OPEN_TO_ALL = (
    "/sign-in",
    "/sign-in?new",
    "/forgot-password",
    "/reset-password?token=x",
    "/verify-email?token=x",
    "/about",
    "/docs",
    "/nothing-here",
)
OF_COACHES = (
    "/calendar",
    "/calendar/hours",
    "/calendar/offers",
    "/calendar/offers/new",
    "/calendar/prices",
    "/calendar/sharing",
    "/requests",
)
OF_EVERYBODY = (
    "/coaches",
    "/bookings",
    "/connections",
    "/receipts",
    "/cards",
    "/notifications",
    "/preferences",
    "/profile",
)


async def test_the_pages_that_need_no_account(stage: Stage) -> None:
    window = await stage.window()
    window.complaints.expect("nothing-here")
    assert await faults_of(window, OPEN_TO_ALL) == ""


async def test_the_pages_of_a_new_client(stage: Stage) -> None:
    # A coach who leaves after an earlier test would move the list while it is looked at.
    await stage.everybody_goes_home()
    assert await faults_of(await stage.client(card=None), OF_EVERYBODY) == ""


async def test_the_pages_of_a_new_coach(stage: Stage) -> None:
    assert await faults_of(await stage.coach(), ("/desk", "/profile", *OF_COACHES)) == ""


async def test_every_state_of_a_call_and_what_stays_of_it(stage: Stage) -> None:
    await stage.everybody_goes_home()
    coach, client = await stage.coach(), await stage.client(size=PHONE)
    await coach.goes_online()
    dialog = await client.prepares_to_call(coach.person)
    await expect(dialog.get_by_role("button", name="Call now")).to_be_enabled()
    found = [await faults_of_state(client, "preparing")]

    await dialog.get_by_role("button", name="Call now").click()
    await coach.is_called_by(client.person)
    found += await asyncio.gather(
        faults_of_state(client, "ringing", [PHONE]), faults_of_state(coach, "rung", [DESK])
    )
    await coach.presses("Accept")
    side, other = Talk(client, coach.person), Talk(coach, client.person)
    for talk in (side, other):
        await talk.begins()
    found += await asyncio.gather(faults_of_state(client, "calling"), faults_of_state(coach, "called"))
    session = side.session_id
    await side.ends()
    await eventually(lambda: stage.captured(session))

    receipt = f"/receipts/{session}"
    found.append(await faults_of(client, (receipt, "/receipts", "/cards")))
    found.append(await faults_of(coach, (receipt, "/desk")))
    assert "\n".join(filter(None, found)) == ""
