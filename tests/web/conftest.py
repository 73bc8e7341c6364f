"""A browser, and two people in a call."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.support.program import Program
from tests.web.pages import seated_at
from tests.web.talk import Talk
from tools.browser.chromium import REQUIRED, NoChromium, chromium, find_chromium


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; without one what needs it is skipped, or fails where one is required."""
    try:
        path = find_chromium()
    except NoChromium as missing:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{missing} ({REQUIRED} is set.)")
        pytest.skip(str(missing))
    async with chromium(path) as started:
        yield started


@pytest.fixture
async def talk(program: Program, browser: Browser) -> AsyncIterator[Talk]:
    """A client, and a coach who is online, each at a window and at a server of their own."""
    coach, client = await program.coach(), await program.client()
    at_coach = await seated_at(browser, coach, program.urls[0])
    at_client = await seated_at(browser, client, program.urls[1])
    talk = Talk(program, coach, client, at_coach, at_client)
    await talk.at_coach.ask("coach_status_set", status="online")
    try:
        yield talk
    finally:
        for page in talk.pages:
            await page.page.context.close()
