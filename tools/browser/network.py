"""A window's network, cut and given back: HTTP, sockets and media between peers alike."""

from typing import Any

from playwright.async_api import CDPSession, Page

#: Chromium shapes only those peer connections that begin under some rule. One that adds a millisecond is such a rule.
_HARMLESS: dict[str, Any] = {
    "urlPattern": "",
    "latency": 1,
    "downloadThroughput": -1,
    "uploadThroughput": -1,
    "packetLoss": 0,
    "offline": False,
}
_NOTHING_PASSES = _HARMLESS | {"packetLoss": 100, "offline": True}
_ONLY_MEDIA_IS_LOST = _HARMLESS | {"packetLoss": 100}


class Network:
    """The network of one page, as Chromium's own emulation makes it.

    What is cut behaves like a cable that was pulled: open sockets fall silent without being closed, new ones fail, packets
    of media are dropped.
    """

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def of(cls, page: Page) -> "Network":
        """The network of a page, before its first call."""
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        network = cls(session)
        await network._rule(_HARMLESS)
        return network

    async def cut(self) -> None:
        """Nothing passes any more, and the page may know it (``navigator.onLine``)."""
        await self._rule(_NOTHING_PASSES)
        await self._state(offline=True)

    async def lose_media(self) -> None:
        """Packets between the peers vanish; the server is reached as before."""
        await self._rule(_ONLY_MEDIA_IS_LOST)
        await self._state(offline=False)

    async def give_back(self) -> None:
        """Everything passes again."""
        await self._rule(_HARMLESS)
        await self._state(offline=False)

    async def _rule(self, rule: dict[str, Any]) -> None:
        await self._session.send(
            "Network.emulateNetworkConditionsByRule", {"matchedNetworkConditions": [rule]}
        )

    async def _state(self, *, offline: bool) -> None:
        state = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        await self._session.send("Network.overrideNetworkState", state)
