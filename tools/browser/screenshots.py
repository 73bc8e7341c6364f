"""``python -m tools.browser.screenshots``: play a call in two windows and take the pictures of the README.

Starts everything in a folder of its own, on a clock that runs thirty times as fast, with two browsers whose cameras show a
drawn figure each.
"""

import asyncio
import base64
import os
import sys
import tempfile
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, expect

from bootstrap.settings import Environment, Settings
from bootstrap.up import running
from tools.browser.chromium import NoChromium, chromium, find_chromium
from tools.browser.portrait import CLIENT, COACH, Portrait, write_portrait
from tools.browser.talk import Talk, talking
from tools.browser.window import DESK, Window, new_profile, new_window

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SPEED = 30.0
#: On that clock nobody could answer in time.
TERMS = {"RAPPORT_CALL_RING": "900", "RAPPORT_CALL_JOIN": "1800", "RAPPORT_CALL_GRACE": "1800"}
#: What the meter shows at least when the picture is taken, in seconds.
TALKED = 187
PHONE = ViewportSize(width=390, height=800)
SETTLED = "You paid"

#: Two pictures side by side, as on a table: the desk's window, and the phone before it.
_TABLE = """
<!doctype html><style>
body {{ margin: 0; padding: 48px 56px; display: inline-flex; gap: 48px; align-items: center; background: #e9ece8; }}
img {{ display: block; border-radius: 12px; box-shadow: 0 1px 2px #0002, 0 18px 48px #0003; }}
img.desk {{ width: 1040px; }}
img.phone {{ width: 340px; border-radius: 36px; border: 10px solid #1b211e; }}
</style><img class="desk" src="{desk}"><img class="phone" src="{phone}">
"""


async def main() -> None:
    """Write ``docs/images/console-*.png``."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rapport-shots-")))
        now = await stack.enter_async_context(running(_settings(folder / "data")))
        coach_browser = await stack.enter_async_context(_browser(folder, "coach", COACH))
        client_browser = await stack.enter_async_context(_browser(folder, "client", CLIENT))
        coach = await _seated(coach_browser, now.url, "Demo Coach", DESK)
        client = await _seated(client_browser, now.url, "Demo Client", PHONE)
        await _play(coach, client, coach_browser)


async def _play(coach: Window, client: Window, browser: Browser) -> None:
    await coach.goes_online()
    side, other = await talking(client, coach)
    await side.goes_on(TALKED)
    await expect(client.page.get_by_role("status").filter(has_text="is saved")).to_have_count(0)
    desk, phone = await asyncio.gather(coach.page.screenshot(), client.page.screenshot())
    await _keep("console-call.png", await _side_by_side(browser, desk, phone))
    await other.ends()
    await _receipt(side)


async def _receipt(side: Talk) -> None:
    page = side.window.page
    await page.set_viewport_size(ViewportSize(width=900, height=900))
    await expect(page.get_by_text(SETTLED)).to_be_visible()
    await _keep("console-receipt.png", await page.screenshot(full_page=True, scale="css"))


async def _seated(browser: Browser, url: str, person: str, size: ViewportSize) -> Window:
    context, complaints = await new_profile(browser, url, size=size, sharp=True)
    window = await new_window(context, url, complaints)
    await window.enter_as(person)
    return window


def _browser(folder: Path, name: str, portrait: Portrait) -> AbstractAsyncContextManager[Browser]:
    camera = folder / f"{name}.y4m"
    write_portrait(portrait, camera)
    return chromium(find_chromium(), f"--use-file-for-fake-video-capture={camera}")


async def _side_by_side(browser: Browser, desk: bytes, phone: bytes) -> bytes:
    page = await browser.new_page(viewport=ViewportSize(width=1620, height=900))
    pictures = (f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in (desk, phone))
    await page.set_content(_TABLE.format(desk=next(pictures), phone=next(pictures)))
    return await page.locator("body").screenshot()


async def _keep(name: str, picture: bytes) -> None:
    await asyncio.to_thread((IMAGES / name).write_bytes, picture)
    print(f"docs/images/{name}")


def _settings(folder: Path) -> Settings:
    """A program of our own, whatever the environment says of another one."""
    settings = Settings(data_dir=folder, port=0, sandbox_port=0, clock_speed=SPEED, log_json=True)
    alone = {"env": Environment.LOCAL, "host": "127.0.0.1", "mongodb_uri": None, "redis_url": None}
    return settings.model_copy(update=alone)


if __name__ == "__main__":
    os.environ.pop("STRIPE_SECRET_KEY", None)
    os.environ.update(TERMS)
    try:
        asyncio.run(main())
    except NoChromium as missing:
        sys.exit(str(missing))
