"""Lanes: where the timers are that go together (``Tx.arm_together``), and how those that are due are found.

Such a timer is due once a minute, each minute at the same place within it, and a worker moves hundreds of them on in one
statement. To change its place in an index costs MongoDB twice what the rest of such an update does, so the instant at which
it is due next is in no index. Its shard names its place within the minute, which stays the same: lane *n* has the shards
from ``(n + 1) * LANE`` on, one for each tenth of a second. Whoever looks knows which tenths have passed since the last look.

``{..., shard, next, facts}`` instead of ``due_at``; ``next`` is in milliseconds since 1970, because instants cannot be added to
in place.
"""

import zlib
from datetime import datetime
from typing import Any

from adapters.mongo.documents import milliseconds
from domain.calls.billable import MINUTE

#: Few: a batch costs about as much as a few timers of it.
LANE_COUNT = 4
#: From one lane's first shard to the next one's.
LANE = 1_000
#: Milliseconds of a shard.
_TENTH = 100
_SHARDS = MINUTE // _TENTH
#: With more shards than this to look at, a whole lane is looked at: somebody was away, and there is much to do anyway. Each
#: timer of the lane is read then, which takes about 2 µs for each.
_MANY = _SHARDS // 10

#: The shards of all lanes, as a condition.
IN_LANES: dict[str, Any] = {"$gte": LANE}


def shard_of(lane: int, due: datetime) -> int:
    """Where a timer of this lane is that is due then, and each minute after."""
    return (lane + 1) * LANE + milliseconds(due) // _TENTH % _SHARDS


def place(key: str, due: datetime) -> dict[str, Any]:
    """What a timer has instead of ``due_at``."""
    lane = zlib.crc32(key.encode()) % LANE_COUNT
    return {"shard": shard_of(lane, due), "next": milliseconds(due)}


def whole(lane: int) -> dict[str, Any]:
    """All shards of a lane, as a condition."""
    return {"$gte": (lane + 1) * LANE, "$lt": (lane + 2) * LANE}


def due_in(lane: int | None, since: datetime | None, now: datetime) -> dict[str, Any]:
    """The query for what is due in a lane (None: in any): all of it, or what became due after ``since``."""
    shard = IN_LANES if lane is None else whole(lane)
    if since is not None and since <= now:
        begun, ended = milliseconds(since) // _TENTH, milliseconds(now) // _TENTH
        if ended - begun < _MANY:
            lanes = range(LANE_COUNT) if lane is None else [lane]
            tenths = [at % _SHARDS for at in range(begun, ended + 1)]
            shard = {"$in": [(one + 1) * LANE + tenth for one in lanes for tenth in tenths]}
    return {"shard": shard, "next": {"$lte": milliseconds(now)}}
