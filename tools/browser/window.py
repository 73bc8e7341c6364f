"""One window of the console in plain words: what a person sees there, and what they do.

Everything is found as a person finds it, by the role and the name that a screen reader would say.
"""

import re
from collections.abc import Mapping
from typing import Literal, cast
from urllib.parse import quote

from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    StorageState,
    ViewportSize,
    WebSocket,
    expect,
)

from tools.browser.complaints import Complaints
from tools.browser.network import Network

DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)
Scheme = Literal["light", "dark"]
#: Real seconds for anything to appear: a machine with two cores runs two people's browser and the whole program.
PATIENCE = 60.0

expect.set_options(timeout=PATIENCE * 1000)


class Window:
    """A tab of the console."""

    def __init__(self, page: Page, home: str, network: Network, complaints: Complaints) -> None:
        self.page = page
        #: the address of the server that this window looks at
        self.home = home
        self.network = network
        self.complaints = complaints
        #: namespaces of the Socket.IO connections that are open now
        self.namespaces: list[str] = []
        page.on("websocket", self._opened)
        # A page that is left says nothing of its sockets any more.
        page.on("domcontentloaded", lambda _: self.namespaces.clear())
        #: who sits here, once somebody signed in
        self.person = ""
        self.email = ""

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    # --- who sits here ------------------------------------------------------------------------------------------------

    async def fill_in_sign_in(self, email: str, password: str) -> None:
        """The form as it is on the screen now, and its button."""
        form = self.page.get_by_role("form", name="Sign in")
        await form.get_by_label("E-mail address").fill(email)
        await form.get_by_label("Password").fill(password)
        await form.get_by_role("button", name="Sign in").click()

    async def enter_as(self, demo: str) -> None:
        """One click on a demo account."""
        await self.page.goto("/sign-in")
        await (
            self.page.get_by_role("region", name="Demo accounts")
            .get_by_role("button", name=re.compile(f"^{demo}"))
            .click()
        )
        await expect(self.account).to_be_visible()
        self.person = demo

    async def register(self, *, name: str, email: str, password: str, price: str | None = None) -> None:
        """Fill in and send the form of a new account; with a ``price`` per minute, that of a coach."""
        await self.page.goto("/sign-in?new")
        form = self.page.get_by_role("form", name="Create an account")
        if price is not None:
            await form.get_by_label("Be a coach").check()
            await form.get_by_label("Price per minute").fill(price)
        await form.get_by_label("Name", exact=True).fill(name)
        await form.get_by_label("E-mail address").fill(email)
        await form.get_by_label("Password").fill(password)
        await form.get_by_role("button", name="Create account").click()

    async def become(self, name: str) -> None:
        """Another account in this tab, by the menu."""
        await self.account.click()
        await self.page.get_by_role("group", name="Account").get_by_role("button", name=name).click()
        await expect(self.account).to_have_accessible_name(f"Account: {name}")

    async def sign_out(self) -> None:
        await self.account.click()
        await self.page.get_by_role("button", name="Sign out").click()
        await expect(self.page.get_by_role("form", name="Sign in")).to_be_visible()

    @property
    def account(self) -> Locator:
        """The button that says who this tab is; absent while nobody is signed in."""
        return self.page.get_by_role("button", name="Account: ")

    # --- calling ------------------------------------------------------------------------------------------------------

    async def looks_for(self, coach: str) -> Locator:
        """The list of coaches with this one in it; the coach's card."""
        await self.page.goto(f"/coaches?text={quote(coach)}")
        card = self.card_of(coach)
        await expect(card).to_be_visible()
        return card

    def card_of(self, coach: str) -> Locator:
        """A coach's card in the list that is on the screen."""
        shown = self.page.get_by_role("listitem").filter(has=self.page.get_by_role("heading", name=coach))
        return self.page.get_by_role("list", name="Coaches").locator(shown)

    async def prepares_to_call(self, coach: str) -> Locator:
        """From the list to the dialog with mirror, card and price; the dialog."""
        card = await self.looks_for(coach)
        await card.get_by_role("button", name=f"Call {coach}").click()
        dialog = self.dialog(f"Call {coach}")
        await expect(dialog).to_be_visible()
        return dialog

    async def calls(self, coach: str, *, card: str | None = None) -> None:
        """Everything up to the button that makes it ring; ``card`` by its last digits, else the default one."""
        dialog = await self.prepares_to_call(coach)
        if card is not None:
            await self.chooses_card(dialog, card)
        await dialog.get_by_role("button", name="Call now").click()

    async def chooses_card(self, dialog: Locator, card: str) -> None:
        """Another card in the dialog before a call."""
        choice = dialog.get_by_label("Pay with")
        await choice.select_option(label=await choice.get_by_role("option", name=card).inner_text())

    def dialog(self, title: str | re.Pattern[str]) -> Locator:
        """What asks for an answer before anything else."""
        return self.page.get_by_role("dialog", name=title)

    async def goes_online(self) -> None:
        """The coach's switch, at the desk."""
        await self.page.goto("/desk")
        await self.page.get_by_role("switch").click()
        await expect(self.page.get_by_role("heading", name="You are online")).to_be_visible()

    async def is_called_by(self, client: str) -> None:
        """Until it rings here."""
        await expect(self.dialog(f"{client} is calling")).to_be_visible()

    async def presses(self, button: str) -> None:
        """A button, by what it says."""
        await self.page.get_by_role("button", name=button).click()

    async def reads(self, words: str | re.Pattern[str]) -> None:
        """Until these words are on the screen."""
        await expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    async def answers_for_devices(self, setting: Literal["granted", "denied"]) -> None:
        """What a person says when the browser asks for camera and microphone. Unless told, both are granted."""
        browser = self.context.browser
        assert browser is not None
        page = await self.context.new_cdp_session(self.page)
        profile = (await page.send("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
        whole = await browser.new_browser_cdp_session()
        for device in ("camera", "microphone"):
            answer = {"permission": {"name": device}, "setting": setting, "origin": self.home}
            # For as long as this session lives, that is, as the browser does.
            await whole.send("Browser.setPermission", answer | {"browserContextId": profile})

    # --- looking ------------------------------------------------------------------------------------------------------

    def _opened(self, socket: WebSocket) -> None:
        named: list[str] = []

        def sent(packet: str | bytes) -> None:
            # CONNECT to a namespace: https://socket.io/docs/v4/socket-io-protocol/
            if isinstance(packet, str) and packet.startswith("40/") and not named:
                named.append(packet[2:].partition(",")[0])
                self.namespaces.append(named[0])

        def closed(_: WebSocket) -> None:
            if named and named[0] in self.namespaces:
                self.namespaces.remove(named[0])

        socket.on("framesent", sent)
        socket.on("close", closed)

    async def settled(self) -> None:
        """Until the page shows what it was opened for, and nothing is being fetched for it any more."""
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(self.page.locator(".skeleton, [aria-busy=true]")).to_have_count(0)


async def new_profile(
    browser: Browser,
    url: str,
    *,
    size: ViewportSize = DESK,
    scheme: Scheme = "light",
    sharp: bool = False,
    time_zone: str | None = None,
    remembers: Mapping[str, str] | None = None,
) -> tuple[BrowserContext, Complaints]:
    """A browser profile of its own, and what its pages will complain about.

    ``sharp``: two real pixels for each one of the page. ``time_zone`` (IANA): else that of this machine. ``remembers``: what
    pages of ``url`` find in ``localStorage``; without it, nobody is signed in.
    """
    items = [{"name": name, "value": value} for name, value in (remembers or {}).items()]
    state = cast(StorageState, {"origins": [{"origin": url, "localStorage": items}]})
    context = await browser.new_context(
        base_url=url,
        viewport=size,
        color_scheme=scheme,
        locale="en-US",
        device_scale_factor=2 if sharp else 1,
        timezone_id=time_zone,
        storage_state=state,
    )
    context.set_default_timeout(PATIENCE * 1000)
    await context.grant_permissions(["camera", "microphone"], origin=url)
    complaints = Complaints()
    complaints.listen_to(context)
    return context, complaints


async def new_window(context: BrowserContext, home: str, complaints: Complaints) -> Window:
    """A further, empty tab of a profile."""
    page = await context.new_page()
    return Window(page, home, await Network.of(page), complaints)
