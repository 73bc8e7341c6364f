"""Every tab of a person gets the person's events once, in order and without a hole, whatever the bus did.

A tab stands at a position of the feed. A published event that follows it directly is delivered, one that was delivered before
is dropped, one further on means that something is missing: then the feed is read from the database. Positions of tabs
of one person may differ while they open.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.bus import Published, user_channel
from domain.ids import UserId
from domain.notifications.feed import FeedPosition, Replay
from realtime.cluster.subscriptions import Subscriptions
from realtime.metrics import Counts
from realtime.ports import Feed
from realtime.sockets import Socket

log = logging.getLogger(__name__)

#: (sid, event, data, droppable)
Emit = Callable[[str, str, object, bool], None]
_RETRY = (0.1, 0.5, 1.0)


@dataclass(slots=True)
class _Tab:
    socket: Socket
    position: FeedPosition | None = None
    ready: bool = False


@dataclass(slots=True)
class _UserFeed:
    tabs: dict[str, _Tab] = field(default_factory=dict)
    newest: FeedPosition | None = None
    resync: asyncio.Task[None] | None = None


class Feeds:
    """The feeds of all people with a tab on this process."""

    def __init__(self, feed: Feed, subscriptions: Subscriptions, emit: Emit, counts: Counts) -> None:
        self._feed = feed
        self._subscriptions = subscriptions
        self._emit = emit
        self._counts = counts
        self._users: dict[UserId, _UserFeed] = {}

    async def open(self, socket: Socket) -> None:
        """Subscribe, then read, then say whether the tab has everything: in this order nothing falls between.

        Raises:
            Exception: whatever reading raised, after some attempts.
        """
        await self._subscriptions.hold([user_channel(socket.user_id)])
        feed = self._users.setdefault(socket.user_id, _UserFeed())
        tab = feed.tabs[socket.sid] = _Tab(socket)
        replay = await self._read(socket.user_id, socket.since)
        outcome = "recovered" if replay.recovered else "reload" if socket.since else "fresh"
        self._counts.recoveries[outcome] += 1
        self._catch_up(tab, replay)
        tab.ready = True
        self._check(socket.user_id, feed)

    def close(self, socket: Socket) -> None:
        """The counterpart of :meth:`open`, which must have been called."""
        feed = self._users.get(socket.user_id)
        if feed is not None and feed.tabs.pop(socket.sid, None) is not None and not feed.tabs:
            del self._users[socket.user_id]
            if feed.resync is not None:
                feed.resync.cancel()
        self._subscriptions.release([user_channel(socket.user_id)])

    def hear(self, user_id: UserId, event: Published) -> None:
        """A published event of a person."""
        feed = self._users.get(user_id)
        if feed is None:
            return
        if event.seq is None or event.epoch is None:
            for tab in feed.tabs.values():
                self._emit(tab.socket.sid, event.name, event.data, event.droppable)
            return
        here = FeedPosition(event.epoch, event.seq)
        if feed.newest is None or feed.newest.epoch != here.epoch or feed.newest.seq < here.seq:
            feed.newest = here
        for tab in feed.tabs.values():
            if tab.ready and _follows(tab.position, here):
                self._deliver(tab, here, event.name, event.data, event.droppable)
        self._check(user_id, feed)

    def missed(self, user_id: UserId) -> None:
        """The bus was deaf for a while."""
        feed = self._users.get(user_id)
        if feed is not None:
            self._resync(user_id, feed)

    async def stop(self) -> None:
        """Read nothing any more."""
        tasks = [feed.resync for feed in self._users.values() if feed.resync is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- catching up ------------------------------------------------------------------------------------------------

    def _check(self, user_id: UserId, feed: _UserFeed) -> None:
        newest = feed.newest
        if newest is not None and any(
            tab.ready and _behind(tab.position, newest) for tab in feed.tabs.values()
        ):
            self._resync(user_id, feed)

    def _resync(self, user_id: UserId, feed: _UserFeed) -> None:
        if feed.resync is None:
            self._counts.resyncs += 1
            feed.resync = asyncio.create_task(self._resynchronise(user_id, feed))

    async def _resynchronise(self, user_id: UserId, feed: _UserFeed) -> None:
        known = feed.newest
        try:
            for position in {tab.position for tab in feed.tabs.values() if tab.ready}:
                replay = await self._read(user_id, await self._start(user_id, feed, position))
                for tab in feed.tabs.values():
                    if tab.ready and tab.position == position:
                        self._catch_up(tab, replay, silent=True)
        except Exception:
            log.exception("a feed could not be read after a gap; the next event tries again")
            feed.newest = None
        finally:
            feed.resync = None
        if feed.newest == known:
            # What was read is the truth: a number beyond it is no reason to read for ever.
            feed.newest = None
        self._check(user_id, feed)

    async def _start(
        self, user_id: UserId, feed: _UserFeed, position: FeedPosition | None
    ) -> FeedPosition | None:
        """Where to read from: a tab that saw the feed empty starts before its first event."""
        if position is not None:
            return position
        now = feed.newest or (await self._read(user_id, None)).position
        return FeedPosition(now.epoch, 0) if now is not None else None

    async def _read(self, user_id: UserId, since: FeedPosition | None) -> Replay:
        for delay in _RETRY:
            try:
                return await self._feed.replay(user_id, since)
            except Exception as error:
                log.warning("reading a feed failed: %s; again in %.1f s", type(error).__name__, delay)
                await asyncio.sleep(delay)
        return await self._feed.replay(user_id, since)

    def _catch_up(self, tab: _Tab, replay: Replay, *, silent: bool = False) -> None:
        for event in replay.events:
            self._deliver(tab, FeedPosition(event.epoch, event.seq), event.name, event.data, event.droppable)
        tab.position = replay.position
        if replay.recovered and silent:
            return
        if silent and replay.position is None:
            return
        place = replay.position
        self._emit(
            tab.socket.sid,
            "recovered",
            {
                "recovered": replay.recovered,
                "epoch": place.epoch if place else None,
                "seq": place.seq if place else None,
            },
            False,
        )

    def _deliver(self, tab: _Tab, at: FeedPosition, name: str, data: object, droppable: bool) -> None:
        tab.position = at
        told = {**data, "seq": at.seq, "epoch": at.epoch} if isinstance(data, dict) else data
        self._emit(tab.socket.sid, name, told, droppable)


def _follows(position: FeedPosition | None, here: FeedPosition) -> bool:
    if position is None:
        return here.seq == 1
    return position.epoch == here.epoch and here.seq == position.seq + 1


def _behind(position: FeedPosition | None, newest: FeedPosition) -> bool:
    return position is None or position.epoch != newest.epoch or position.seq < newest.seq
