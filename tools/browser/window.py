"""One window of the console in plain words: what a person sees there, and what they do.

Everything is found as a person finds it, by the role and the name that a screen reader would say.
"""

from typing import Literal

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from tools.browser.complaints import Complaints
from tools.browser.network import Network

DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)
Scheme = Literal["light", "dark"]
#: Real seconds for anything to appear: a machine with two cores runs two people's browser and the whole program.
PATIENCE = 15.0

expect.set_options(timeout=PATIENCE * 1000)


class Window:
    """A tab of the console."""

    def __init__(self, page: Page, network: Network, complaints: Complaints) -> None:
        self.page = page
        self.network = network
        self.complaints = complaints
        #: who sits here, once somebody signed in
        self.person = ""

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def settled(self) -> None:
        """Until the page shows what it was opened for, and nothing is being fetched for it any more."""
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(self.page.locator(".skeleton, [aria-busy=true]")).to_have_count(0)


async def new_profile(
    browser: Browser, url: str, *, size: ViewportSize = DESK, scheme: Scheme = "light"
) -> tuple[BrowserContext, Complaints]:
    """A browser profile of its own where nobody is signed in, and what its pages will complain about."""
    context = await browser.new_context(base_url=url, viewport=size, color_scheme=scheme, locale="en-US")
    context.set_default_timeout(PATIENCE * 1000)
    complaints = Complaints()
    complaints.listen_to(context)
    return context, complaints


async def new_window(context: BrowserContext, complaints: Complaints) -> Window:
    """A further, empty tab of a profile."""
    page = await context.new_page()
    return Window(page, await Network.of(page), complaints)


async def deny_devices(browser: Browser, window: Window) -> None:
    """Refuse camera and microphone, as a person does when the browser asks. Left alone, both are there."""
    page = await window.context.new_cdp_session(window.page)
    profile = (await page.send("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
    whole = await browser.new_browser_cdp_session()
    for device in ("camera", "microphone"):
        answer = {"permission": {"name": device}, "setting": "denied", "browserContextId": profile}
        await whole.send("Browser.setPermission", answer)
    await whole.detach()
