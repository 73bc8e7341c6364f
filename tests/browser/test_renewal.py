"""A server that is renewed, or gone, while somebody has a tab open: pages that were not loaded yet."""

import pytest
from playwright.async_api import Route, expect

from domain.accounts.account import Role
from tests.browser.stage import Stage

#: A module of another version: it wants what those that run do not have.
FOREIGN = """
import { nothingOfTheKind } from "../format.js";
export const cardsPage = nothingOfTheKind;
"""


async def foreign(route: Route) -> None:
    await route.fulfill(body=FOREIGN, content_type="text/javascript")


async def unreachable(route: Route) -> None:
    await route.abort("connectionrefused")


@pytest.mark.parametrize(
    ("answer", "words", "complaint"),
    [
        (foreign, "not what this page expected", "nothingOfTheKind"),
        (unreachable, "The server cannot be reached", "ERR_CONNECTION_REFUSED"),
    ],
)
async def test_a_page_that_could_not_be_loaded_is_there_at_the_next_try(
    stage: Stage, answer: object, words: str, complaint: str
) -> None:
    client = await stage.seated(await stage.person(Role.CLIENT))
    client.complaints.expect(complaint)
    await client.page.route("**/pages/cards.js", answer)  # type: ignore[arg-type]

    await client.page.get_by_role("link", name="Cards").first.click()
    await expect(client.page.get_by_role("main")).to_contain_text(words)
    await client.page.unroute("**/pages/cards.js")
    await client.page.get_by_role("button", name="Try again").click()

    await expect(client.page.get_by_role("heading", name="Cards", level=1)).to_be_visible()


async def test_a_page_says_that_there_is_no_way_to_the_server_and_goes_on_once_there_is(stage: Stage) -> None:
    client = await stage.seated(await stage.person(Role.CLIENT))
    client.complaints.expect("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "WebSocket")
    await client.network.cut()
    await client.page.get_by_role("link", name="Cards").first.click()
    again = client.page.get_by_role("button", name="Try again")
    await again.click()

    await expect(client.page.get_by_role("main")).to_contain_text("The server cannot be reached")
    await client.network.give_back()
    await expect(client.page.get_by_role("heading", name="Cards", level=1)).to_be_visible()
