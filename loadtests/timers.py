"""``python -m loadtests.timers``: how late are timers when very many are due in the same second?

Nothing is simulated: the whole program runs (embedded mongod and Valkey, a server that idles, **one** ``rapport work``), and a
timer goes its whole way.

* ``tick``: the next minute of a call that is live, as :mod:`loadtests.ticks` has them (that one also has sockets, and asks
  how many a second). They go in batches: read, noted and moved on to the minute after, in one transaction.
* ``cooldown`` (``--kind cooldown``): a coach who has no call any more. Claimed in MongoDB, carried by taskiq through Valkey,
  run in a transaction of its own that reads one coach, completed: what one worker can do of kinds that are not run in batches.

*Lateness* is the instant at which a timer was moved on or completed (as MongoDB's own oplog has it) minus the instant at which
it was due; *claimed* is the same for the instant at which the worker took it.
"""

import argparse
import asyncio
import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from adapters.mongo.client import MongoClient, database_of, open_client
from adapters.mongo.documents import to_document
from adapters.mongo.lanes import due_in
from adapters.mongo.timers import arm_operation
from bootstrap.settings import Settings
from bootstrap.up import Running, running
from domain.coaching.coach import Coach
from domain.ids import CoachId, UserId, new_id
from domain.money import Money
from domain.timers import TimerKind
from loadtests.ticks.calls import insert_live_calls, session_id

COUNT = 10_000
#: Seconds; what is asked of the 99th percentile, with one worker.
TARGET = 1.0
KINDS = (TimerKind.TICK, TimerKind.COOLDOWN)
#: Real seconds between arming the last timer and the first due instant: everything is quiet again by then.
LEAD = 2.0
#: What even a slow machine manages.
ARMED_PER_SECOND = 1_000
PATIENCE = 180.0
BATCH = 1_000
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, one per timer."""

    claimed: list[float]
    completed: list[float]
    load: "Load"


@dataclass(frozen=True, slots=True)
class Load:
    """CPU seconds used between the first due instant and the end. ``rest`` is everything else on this machine, so that a figure
    from a busy machine can be told from a slow program."""

    worker: float
    mongod: float
    rest: float
    cores: float

    @classmethod
    def now(cls, running: Running) -> "Load":
        """Counters since boot (proc(5), Linux)."""
        ticks = os.sysconf("SC_CLK_TCK")
        worker, mongod = (_cpu_ticks(child.pid) / ticks for child in (running.worker, running.stores.mongod))
        user, nice, system, idle, wait, *_ = map(
            int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
        )
        busy = (user + nice + system) / ticks
        return cls(worker, mongod, busy - worker - mongod, busy + (idle + wait) / ticks)

    def since(self, before: "Load") -> "Load":
        """The difference."""
        return Load(
            self.worker - before.worker, self.mongod - before.mongod, self.rest - before.rest, self.cores - before.cores
        )  # fmt: skip


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


class Benchmark:
    """Arms timers in the database of a running program, and reads from its oplog what became of them."""

    def __init__(self, client: MongoClient, running: Running) -> None:
        self._client = client
        self._running = running
        self._db = database_of(client)
        self._made = 0

    async def measure(self, kind: TimerKind, count: int, spread: float) -> Measured:
        """Let ``count`` timers of one kind be due, evenly over ``spread`` seconds."""
        began = datetime.now(UTC).replace(microsecond=0)
        first = began + timedelta(seconds=LEAD + count / ARMED_PER_SECOND)
        instants = [first + timedelta(milliseconds=round(1000 * spread * at / count)) for at in range(count)]
        make = self._live_calls if kind is TimerKind.TICK else self._free_coaches
        dues: dict[str, datetime] = {}
        for start in range(0, count, BATCH):
            dues |= await make(instants[start : start + BATCH])
        if datetime.now(UTC) > first - timedelta(seconds=0.5):
            raise SystemExit("This machine arms timers too slowly for the lead it gives itself.")
        await asyncio.sleep((first - datetime.now(UTC)).total_seconds())
        before = Load.now(self._running)
        await self._until_none(kind, max(instants))
        load = Load.now(self._running).since(before)
        found = await self._from_oplog(kind, dues, began, load)
        await self._db["timers"].delete_many({"kind": kind.value})
        return found

    async def _until_none(self, kind: TimerKind, last: datetime) -> None:
        due = (
            due_in(None, None, last)
            if kind is TimerKind.TICK
            else {"kind": kind.value, "due_at": {"$lte": last}}
        )
        async with asyncio.timeout(PATIENCE):
            while await self._db["timers"].count_documents(due):  # noqa: ASYNC110 - from outside
                await asyncio.sleep(0.25)

    async def _from_oplog(
        self, kind: TimerKind, dues: dict[str, datetime], since: datetime, load: Load
    ) -> Measured:
        prefix = f"{kind.value}:"
        due_of = {prefix + key: due for key, due in dues.items()}
        oplog = self._client.get_database("local", codec_options=self._client.codec_options)["oplog.rs"]
        claimed: dict[str, float] = {}
        completed: dict[str, float] = {}
        async for entry in oplog.find({"wall": {"$gte": since}, "op": {"$in": ["u", "d", "c"]}}):
            # A transaction is one entry, with all that it wrote inside.
            for change in entry["o"].get("applyOps", [entry]):
                if change["ns"] != f"{self._db.name}.timers" or change["op"] == "i":
                    continue
                deleted = change["op"] == "d"
                name = str((change["o"] if deleted else change["o2"])["_id"])
                if name in due_of and entry["wall"] >= due_of[name]:
                    late = (entry["wall"] - due_of[name]).total_seconds()
                    done = deleted or kind is TimerKind.TICK
                    (completed if done else claimed)[name] = late
        if len(completed) != len(dues):
            raise SystemExit(f"{len(dues) - len(completed)} timers were not completed.")
        return Measured(list(claimed.values()), list(completed.values()), load)

    async def _live_calls(self, instants: Sequence[datetime]) -> dict[str, datetime]:
        """Calls whose first minute is full then; their timers."""
        dues: dict[str, datetime] = {}
        for instant in instants:
            self._made += 1
            dues[session_id(self._made)] = instant
        await insert_live_calls(self._db, self._made - len(instants) + 1, [at - MINUTE for at in instants])
        return dues

    async def _free_coaches(self, instants: Sequence[datetime]) -> dict[str, datetime]:
        """Coaches without a call, whose cooldown ends then."""
        documents = [_free_coach() for _ in instants]
        await self._db["coaches"].insert_many(documents)
        dues = {str(document["_id"]): at for document, at in zip(documents, instants, strict=True)}
        armed = [arm_operation(TimerKind.COOLDOWN, key, due) for key, due in dues.items()]
        await self._db["timers"].bulk_write(armed, ordered=False)
        return dues


def _free_coach() -> dict[str, Any]:
    coach = Coach(
        id=CoachId(new_id()), user_id=UserId(new_id()), rate_per_minute=Money(250, "USD"), verified=True, version=1
    )  # fmt: skip
    return to_document(coach)


async def _warm(now: Running, bench: Benchmark) -> None:
    """Connections, code paths and caches, as they are in a worker that has been up for a while."""
    for kind in KINDS:
        await bench.measure(kind, 200, 0.0)
    if now.worker.restarts:
        raise SystemExit("The worker died while warming up.")


def _report(kind: TimerKind, count: int, spread: float, found: Measured) -> None:
    when = "at the same instant" if not spread else f"evenly over {spread:g} s"
    print(f"{count} x {kind.value}, due {when}")
    for what, values in (("claimed", found.claimed), ("completed", found.completed)):
        if not values:
            continue  # batches are not claimed
        figures = "  ".join(f"p{share * 100:g} {percentile(values, share):6.3f} s" for share in (0.5, 0.99))
        print(f"  {what:<10}{figures}  max {max(values):6.3f} s late")
    load = found.load
    print(
        f"  CPU       worker {load.worker:.2f} s, mongod {load.mongod:.2f} s, all else on this machine {load.rest:.2f} s "
        f"of {load.cores:.1f} s there were"
    )
    late = percentile(found.completed, 0.99)
    print(f"  p99 {'under' if late < TARGET else 'NOT under'} {TARGET:g} s", flush=True)


async def main(arguments: argparse.Namespace) -> None:
    """Start everything, measure, print."""
    with tempfile.TemporaryDirectory(prefix="rapport-load-") as folder:
        settings = Settings(data_dir=Path(folder) / "data", port=0)
        async with running(settings, demo=False) as now:
            client = open_client(now.environment["MONGODB_URI"])
            try:
                bench = Benchmark(client, now)
                await _warm(now, bench)
                for kind in [TimerKind(name) for name in arguments.kind]:
                    for spread in arguments.spread:
                        _report(
                            kind, arguments.count, spread, await bench.measure(kind, arguments.count, spread)
                        )
            finally:
                client.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.timers", description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--kind", nargs="+", default=[TimerKind.TICK.value], choices=[k.value for k in KINDS])
    parser.add_argument(
        "--spread", nargs="+", type=float, default=[1.0, 0.0], help="seconds in which all are due"
    )
    return parser.parse_args()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(main(_arguments()))
    except PyMongoError as error:
        raise SystemExit(f"The database failed: {error}") from error
