"""``python -m loadtests.timers``: how late are timers when very many are due in the same second?

Nothing is simulated: the whole program runs (embedded mongod and Valkey, a server that idles, **one** ``rapport work``), and a
timer goes its whole way: claimed in MongoDB, carried by taskiq through Valkey, run, completed in MongoDB. What the timers
do is harmless, so that the figure is about timers:

* ``tick``: the minute of a call that is over by then. A hundred are run at a time; the batch asks for its calls that are still
  open and finds none.
* ``cooldown`` (``--kind cooldown``): a coach who has no call any more. Each timer runs a transaction of its own that
  reads one coach, so this is what one worker can do of kinds that are not run in batches.

*Lateness* is the instant at which a timer was completed (its document deleted, as MongoDB's own oplog has it) minus the instant
at which it was due; *claimed* is the same for the instant at which the worker took it.
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
from adapters.mongo.timers import arm_operation
from bootstrap.settings import Settings
from bootstrap.up import Running, running
from domain.calls.session import EndReason, Final, LiveSession, Participant
from domain.calls.states import CallState
from domain.coaching.coach import Coach
from domain.ids import CoachId, PaymentMethodId, SessionId, UserId, new_id
from domain.money import Money
from domain.timers import TimerKind

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

    async def measure(self, kind: TimerKind, count: int, spread: float) -> Measured:
        """Let ``count`` timers of one kind be due, evenly over ``spread`` seconds."""
        keys = await self._aggregates(kind, count)
        began = datetime.now(UTC)
        first = began + timedelta(seconds=LEAD + count / ARMED_PER_SECOND)
        dues = {key: first + timedelta(seconds=spread * at / count) for at, key in enumerate(keys)}
        for start in range(0, count, BATCH):
            armed = [arm_operation(kind, key, dues[key]) for key in keys[start : start + BATCH]]
            await self._db["timers"].bulk_write(armed, ordered=False)
        if datetime.now(UTC) > first - timedelta(seconds=0.5):
            raise SystemExit("This machine arms timers too slowly for the lead it gives itself.")
        await asyncio.sleep((first - datetime.now(UTC)).total_seconds())
        before = Load.now(self._running)
        await self._until_none(kind)
        load = Load.now(self._running).since(before)
        return await self._from_oplog(kind, dues, began, load)

    async def _until_none(self, kind: TimerKind) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self._db["timers"].count_documents({"kind": kind.value}):  # noqa: ASYNC110 - from outside
                await asyncio.sleep(0.25)

    async def _from_oplog(
        self, kind: TimerKind, dues: dict[str, datetime], since: datetime, load: Load
    ) -> Measured:
        prefix = f"{kind.value}:"
        due_of = {prefix + key: due for key, due in dues.items()}
        oplog = self._client.get_database("local", codec_options=self._client.codec_options)["oplog.rs"]
        query = {"ns": f"{self._db.name}.timers", "wall": {"$gte": since}, "op": {"$in": ["u", "d"]}}
        claimed: dict[str, float] = {}
        completed: dict[str, float] = {}
        async for entry in oplog.find(query, {"op": 1, "o": 1, "o2": 1, "wall": 1}):
            deleted = entry["op"] == "d"
            name = str((entry["o"] if deleted else entry["o2"])["_id"])
            if name in due_of:
                late = (entry["wall"] - due_of[name]).total_seconds()
                (completed if deleted else claimed)[name] = late
        if len(completed) != len(dues):
            raise SystemExit(f"{len(dues) - len(completed)} timers were not completed.")
        return Measured(list(claimed.values()), list(completed.values()), load)

    async def _aggregates(self, kind: TimerKind, count: int) -> list[str]:
        """What the timers are about: ended calls, or coaches without one."""
        make = _ended_call if kind is TimerKind.TICK else _free_coach
        name = "live_sessions" if kind is TimerKind.TICK else "coaches"
        documents = [make() for _ in range(count)]
        for start in range(0, count, BATCH):
            await self._db[name].insert_many(documents[start : start + BATCH])
        return [str(document["_id"]) for document in documents]


def _ended_call() -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    people = Participant(UserId(new_id()), "A client"), Participant(UserId(new_id()), "A coach")
    call = LiveSession(
        id=SessionId(new_id()), client_request_id=new_id(), coach_id=CoachId(new_id()),
        caller=people[0], callee=people[1], rate=Money(250, "USD"), fee_percent=20, minimum_charge=0,
        block_minutes=15, payment_method=PaymentMethodId(new_id()), gateway_customer="cus_none",
        billing_country="US", created_at=now, expires_at=now, state=CallState.SETTLED,
        ended_at=now, end_reason=EndReason.ENDED_BY_CLIENT, final=Final(0, 0), version=1,
    )  # fmt: skip
    return to_document(call) | {"open": False, "seated_at": []}


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
