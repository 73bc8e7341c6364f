"""What pages of other origins can reach of the console, and what markup slipped into it can do: nothing."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.browser.stage import Stage
from tools.browser.window import Window

ASK_WITH_COOKIES = """
(url) => fetch(url, {credentials: "include"}).then((answer) => answer.text(), (error) => error.name)
"""
ASK_BLINDLY = """
(url) => fetch(url, {credentials: "include", mode: "no-cors"}).then((answer) => answer.text(), (error) => error.name)
"""
CONNECT = """
(url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("refused");
})
"""
STORAGE_OF_FRAME = """
() => {
  try {
    return Object.keys(document.querySelector("iframe").contentWindow.localStorage);
  } catch (error) {
    return error.name;
  }
}
"""
STORAGE_OF_WINDOW = """
() => {
  try {
    return Object.keys(window.opened.localStorage);
  } catch (error) {
    return error.name;
  }
}
"""
INSERT_MARKUP = """
() => {
  try {
    document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = 1'>");
  } catch (error) {
    return error.name;
  }
}
"""
INSERT_SCRIPT = """
() => {
  const script = document.createElement("script");
  try {
    script.textContent = "window.ran = 1";
  } catch (error) {
    return error.name;
  }
}
"""


@pytest.fixture
async def elsewhere() -> AsyncIterator[str]:
    """The address of a page that is not ours, on this machine."""

    async def page(_: web.Request) -> web.Response:
        text = "<!doctype html><title>Elsewhere</title><iframe></iframe>"
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def stranger(stage: Stage, elsewhere: str) -> Window:
    """A page of another origin, in a browser that has a log-in of ours."""
    client = await stage.client(card=None)
    tab = await stage.second_tab(client)
    await tab.page.goto(elsewhere)
    tab.complaints.expect(r"")
    return tab


async def test_another_origin_reads_no_answer_of_ours(stage: Stage, stranger: Window) -> None:
    home = stage.program.urls[0]
    assert await stranger.page.evaluate(ASK_WITH_COOKIES, f"{home}/api/users/me") == "TypeError"
    assert await stranger.page.evaluate(ASK_WITH_COOKIES, f"{home}/api/about") == "TypeError"
    assert await stranger.page.evaluate(ASK_BLINDLY, f"{home}/api/about") == "TypeError"


async def test_another_origin_gets_no_socket(stage: Stage, stranger: Window) -> None:
    address = stage.program.urls[0].replace("http", "ws")
    url = f"{address}/socket.io/?EIO=4&transport=websocket"
    assert await stranger.page.evaluate(CONNECT, url) == "refused"


async def test_another_origin_frames_no_page_of_ours(stage: Stage, stranger: Window) -> None:
    home, page = stage.program.urls[0], stranger.page
    await page.evaluate("(url) => { document.querySelector('iframe').src = url; }", home)
    frame = await page.wait_for_selector("iframe")
    shown = await frame.content_frame()
    assert shown is not None
    await shown.wait_for_url("chrome-error://**")
    assert await page.evaluate(STORAGE_OF_FRAME) == "SecurityError"


async def test_another_origin_reads_nothing_of_a_window_that_it_opens(stage: Stage, stranger: Window) -> None:
    page, home = stranger.page, stage.program.urls[0]
    async with page.context.expect_page() as opening:
        await page.evaluate("(url) => { window.opened = window.open(url); }", home)
    await (await opening.value).get_by_role("heading", level=1).wait_for()
    assert await page.evaluate("() => window.opened.closed") is True
    assert await page.evaluate(STORAGE_OF_WINDOW) != []
    assert await page.evaluate("() => Object.keys(localStorage)") == []


async def test_the_console_runs_no_script_that_is_not_its_own(stage: Stage) -> None:
    window = await stage.window()
    await window.page.goto("/")
    await window.settled()
    window.complaints.expect("Trusted")
    assert await window.page.evaluate(INSERT_MARKUP) == "TypeError"
    assert await window.page.evaluate(INSERT_SCRIPT) == "TypeError"
    assert await window.page.evaluate("() => window.ran") is None
    assert await window.page.locator("script:not([src]), [style], [onclick], [onerror]").count() == 0
