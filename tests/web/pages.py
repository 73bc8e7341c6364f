"""Pages that use the browser client and nothing else: no console, an empty page of the same origin."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, WebSocketRoute

from tests.support.program import PASSWORD, Person
from tools.browser.network import Network
from tools.browser.window import PATIENCE

#: A page without scripts that call anything; what is tested is loaded into it.
BLANK = "/about"

#: Before any script: what a page still waits for, and listens to.
COUNT = """
window.held = {timers: new Map(), listeners: new Map()};
for (const [start, stop] of [["setInterval", "clearInterval"], ["setTimeout", "clearTimeout"]]) {
  const begin = window[start].bind(window), end = window[stop].bind(window);
  window[start] = (work, ms, ...rest) => {
    const timer = begin((...given) => {
      if (start === "setTimeout") window.held.timers.delete(timer);
      work(...given);
    }, ms, ...rest);
    window.held.timers.set(timer, {work, every: start === "setInterval" ? ms : null});
    return timer;
  };
  window[stop] = (timer) => {
    window.held.timers.delete(timer);
    end(timer);
  };
}
for (const target of [window, document]) {
  const add = target.addEventListener.bind(target), remove = target.removeEventListener.bind(target);
  const known = (window.held.listeners.set(target, new Set()), window.held.listeners.get(target));
  target.addEventListener = (name, listener, ...rest) => (known.add(listener), add(name, listener, ...rest));
  target.removeEventListener = (name, listener, ...rest) => (known.delete(listener), remove(name, listener, ...rest));
}
"""
#: What is done every so many milliseconds is done now, without waiting for its time.
EARLY = """
(ms) => {
  const due = [...window.held.timers.values()].filter(({every}) => every === ms);
  for (const {work} of due) work();
  return due.length;
}
"""
HELD = """
() => [window.held.timers.size, ...[...window.held.listeners.values()].map((known) => known.size)]
"""

START = """
async () => {
  const { Rapport } = await import("/web/client/rapport.js");
  window.rapport = new Rapport();
  window.heard = [];
  window.hear = (name, data) => window.heard.push([name, data]);
  for (const name of ["change", "expired"]) rapport.accounts.on(name, (data) => hear(`account-${name}`, data));
  for (const name of ["state", "reload", "recovered", "live_session_ringing", "live_session_update", "payment_update"]) {
    rapport.notifications.on(name, (data) => hear(name, data));
  }
}
"""
JOIN = """
async (sessionId) => {
  window.media ??= await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 320, height: 240}});
  await rapport.prepareCall();
  window.call = rapport.call(sessionId, {media});
  for (const name of ["peer-joined", "peer-left", "started", "tick", "paused", "resumed", "seat-taken", "ended", "connection",
                      "quality", "trouble", "socket", "closed"]) {
    call.on(name, (data) => hear(name, data instanceof Error ? {code: data.code, message: String(data)} : data));
  }
  call.on("remote", (stream) => {
    if (!window.video) {
      window.video = Object.assign(document.createElement("video"), {muted: true, autoplay: true, width: 160});
      document.body.prepend(video);
    }
    window.streams = (window.streams ?? new Set()).add(stream);
    if (video.srcObject !== stream) video.srcObject = stream;
  });
  return call.join();
}
"""
NEXT = """
([name, from]) => {
  const at = window.heard.findIndex(([known], index) => index >= from && known === name);
  return at < 0 ? null : [at + 1, window.heard[at][1] ?? null];
}
"""


@dataclass
class ClientPage:
    """One tab of one person."""

    page: Page
    network: Network
    #: its open WebSockets, each with the server's end of it
    sockets: list[WebSocketRoute]
    #: whether new ones are let through
    through: bool = True
    _read: int = 0

    @classmethod
    async def open(cls, context: BrowserContext) -> "ClientPage":
        """A new tab."""
        page = await context.new_page()
        opened = cls(page, await Network.of(page), [])
        await page.add_init_script(COUNT)
        await page.route_web_socket("**/socket.io/**", opened._route)
        await opened.load()
        return opened

    async def load(self) -> None:
        """Load the page, anew perhaps, and the client into it."""
        await self.page.goto(BLANK)
        self._read = 0
        await self.page.evaluate(START)

    async def run(self, script: str, *given: Any) -> Any:
        """Run a function in the page."""
        return await self.page.evaluate(script, given[0] if len(given) == 1 else list(given))

    async def connect(self) -> None:
        """Open the ``/notifications`` socket, and be brought up to date."""
        await self.run("() => rapport.notifications.connect()")
        await self.until("recovered")

    async def ask(self, event: str, **payload: Any) -> Any:
        """Ask on ``/notifications``."""
        return await self.run(
            "([event, payload]) => rapport.notifications.ask(event, payload)", event, payload
        )

    async def join(self, session_id: str) -> Any:
        """Take the seat in a call, with fake camera and microphone."""
        return await self.run(JOIN, session_id)

    async def until(self, name: str, *, seconds: float = PATIENCE) -> Any:
        """The data of the next event of a name that was not waited for yet, and what came before it is passed over."""
        handle = await self.page.wait_for_function(NEXT, arg=[name, self._read], timeout=seconds * 1000)
        self._read, data = await handle.json_value()
        return data

    async def heard(self, name: str) -> list[Any]:
        """The data of all events of a name so far."""
        return list(
            await self.run(
                "(name) => heard.filter(([known]) => known === name).map(([, data]) => data)", name
            )
        )

    async def until_state(self, state: str) -> None:
        """Until the call is in a state: told by an event, or by the answer to a handshake."""
        check = "(state) => call.snapshot.state === state"
        await self.page.wait_for_function(check, arg=state, timeout=PATIENCE * 1000)

    async def early(self, ms: int) -> None:
        """Do now what is done every ``ms`` milliseconds."""
        assert await self.run(EARLY, ms)

    async def frames_advance(self) -> None:
        """Until pictures of the other side advance on the screen."""
        seen = await self.run("() => video.getVideoPlaybackQuality().totalVideoFrames")
        await self.page.wait_for_function(
            "(seen) => video.getVideoPlaybackQuality().totalVideoFrames > seen + 3",
            arg=seen,
            timeout=PATIENCE * 1000,
        )

    async def lose_sockets(self) -> None:
        """Every open socket breaks, at both ends."""
        while self.sockets:
            await self.sockets.pop().close(code=3001, reason="lost")

    async def let_through(self) -> None:
        """New sockets get through again, and the page knows it, as of a network that is back."""
        self.through = True
        await self.run("() => window.dispatchEvent(new Event('online'))")

    async def _route(self, socket: WebSocketRoute) -> None:
        if not self.through:
            await socket.close(code=3001, reason="no network")
            return
        socket.connect_to_server()
        self.sockets.append(socket)


async def seated_at(browser: Browser, person: Person, url: str) -> ClientPage:
    """A person at a window of their own, signed in and connected."""
    context = await browser.new_context(base_url=url)
    await context.grant_permissions(["camera", "microphone"], origin=url)
    opened = await ClientPage.open(context)
    await opened.run(
        "([email, password]) => rapport.accounts.signIn(email, password)", person.email, PASSWORD
    )
    await opened.connect()
    return opened
