"""The complete client of ``docs/client.md``, as it stands there: two browsers talk by it."""

import asyncio
import re
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.support.program import PASSWORD, Person, Program

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
ARRIVE = """
async ([email, password]) => {
  window.example = await import("/example.js");
  window.video = document.createElement("video");
  window.rapport = await example.arrive(email, password);
}
"""
ANSWER = "async () => { window.talk = await example.answer(rapport, video); }"
REQUEST = "async (coachId) => { window.talk = await example.request(rapport, coachId, video); }"
ONLINE = """
async (coachId) => {
  const seen = new Promise((resolve) => {
    rapport.notifications.on("coach_status", ({status}) => status === "online" && resolve());
  });
  const [{status}] = await rapport.notifications.watch([coachId]);
  if (status !== "online") await seen;
}
"""
STARTED = """
() => talk.call.snapshot.state === "live" || new Promise((resolve) => talk.call.on("started", resolve))
"""


def example() -> str:
    """The first block of JavaScript in the page."""
    found = re.search(r"^```js\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


async def arrived(browser: Browser, person: Person, url: str) -> Page:
    """A page that loaded the example, and signed in by it."""
    context = await browser.new_context(base_url=url)
    await context.grant_permissions(["camera", "microphone"], origin=url)
    page = await context.new_page()
    await page.route(
        "**/example.js", lambda route: route.fulfill(body=example(), content_type="text/javascript")
    )
    await page.goto("/about")
    await page.evaluate(ARRIVE, [person.email, PASSWORD])
    return page


async def test_two_browsers_talk_by_the_example(program: Program, browser: Browser) -> None:
    coach, client = await program.coach(), await program.client()
    at_coach = await arrived(browser, coach, program.urls[0])
    at_client = await arrived(browser, client, program.urls[1])
    try:
        answering = asyncio.create_task(at_coach.evaluate(ANSWER))
        await at_client.evaluate(ONLINE, coach.coach_id)
        await at_client.evaluate(REQUEST, coach.coach_id)
        await answering
        await asyncio.gather(at_coach.evaluate(STARTED), at_client.evaluate(STARTED))
        await at_client.evaluate("() => talk.call.end()")
        ended = [await page.evaluate("() => talk.ended") for page in (at_coach, at_client)]
    finally:
        await at_coach.context.close()
        await at_client.context.close()

    assert ended[0] == ended[1]
    assert ended[0]["reason"] == "ended_by_client"
