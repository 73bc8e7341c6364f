"""``transact()`` against a real mongod: conflicts, doubtful commits, and a server killed in between."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo.errors import OperationFailure, PyMongoError

from adapters.mongo.client import MongoClient, MongoDatabase
from adapters.mongo.transact import transact
from bootstrap.embedded import EmbeddedStores


class FailingCommits:
    """Makes the next commits fail on the server's side (the fail point ``failCommand``)."""

    def __init__(self, client: MongoClient) -> None:
        self.client = client

    async def arm(self, *, times: int, **outcome: object) -> None:
        await self._set({"times": times}, {"failCommands": ["commitTransaction"], **outcome})

    async def disarm(self) -> None:
        await self._set("off", {})
        # A commit that failed for a fail point alone leaves its transaction open, and its documents locked.
        await self.client.admin.command("killAllSessions", [])

    async def _set(self, mode: object, data: object) -> None:
        await self.client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})


@pytest.fixture
async def failing_commits(mongo_client: MongoClient, embedded_only: None) -> AsyncIterator[FailingCommits]:
    failing = FailingCommits(mongo_client)
    yield failing
    await failing.disarm()


async def increment(db: MongoDatabase, session: AsyncIOMotorClientSession) -> None:
    """Read and write back: loses updates without isolation, unlike ``$inc``."""
    found = await db["counters"].find_one({"_id": "sum"}, session=session)
    assert found is not None
    await db["counters"].update_one({"_id": "sum"}, {"$set": {"n": found["n"] + 1}}, session=session)


async def total(db: MongoDatabase) -> int:
    found = await db["counters"].find_one({"_id": "sum"})
    assert found is not None
    return int(found["n"])


@pytest.fixture
async def counter(mongo: MongoDatabase) -> MongoDatabase:
    await mongo["counters"].insert_one({"_id": "sum", "n": 0})
    return mongo


async def test_two_writers_of_one_document_lose_no_increment(
    mongo_client: MongoClient, counter: MongoDatabase
) -> None:
    attempts = 0

    async def work(session: AsyncIOMotorClientSession) -> None:
        nonlocal attempts
        attempts += 1
        await increment(counter, session)

    async def writer() -> None:
        for _ in range(50):
            await transact(mongo_client, work)

    await asyncio.gather(writer(), writer())

    assert await total(counter) == 100
    assert attempts > 100, "no conflict happened, so nothing was proved"


async def test_result_of_the_work_comes_back_once_committed(
    mongo_client: MongoClient, counter: MongoDatabase
) -> None:
    async def work(session: AsyncIOMotorClientSession) -> str:
        await increment(counter, session)
        return "done"

    assert await transact(mongo_client, work) == "done"
    assert await total(counter) == 1


async def test_error_of_the_work_aborts_and_comes_out_as_it_is(
    mongo_client: MongoClient, counter: MongoDatabase
) -> None:
    async def work(session: AsyncIOMotorClientSession) -> None:
        await increment(counter, session)
        raise LookupError("no such call")

    with pytest.raises(LookupError, match="no such call"):
        await transact(mongo_client, work)
    assert await total(counter) == 0
    # The document is free at once, not when the server's transaction times out.
    await transact(mongo_client, lambda session: increment(counter, session), deadline=1)
    assert await total(counter) == 1


async def test_cancelled_work_is_aborted(mongo_client: MongoClient, counter: MongoDatabase) -> None:
    written = asyncio.Event()

    async def work(session: AsyncIOMotorClientSession) -> None:
        await increment(counter, session)
        written.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(transact(mongo_client, work))
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await transact(mongo_client, lambda session: increment(counter, session), deadline=1)
    assert await total(counter) == 1


async def test_conflict_raised_by_the_commit_reruns_the_work(
    failing_commits: FailingCommits, counter: MongoDatabase
) -> None:
    runs = 0

    async def work(session: AsyncIOMotorClientSession) -> None:
        nonlocal runs
        runs += 1
        await increment(counter, session)

    await failing_commits.arm(times=2, errorCode=112, errorLabels=["TransientTransactionError"])
    await transact(failing_commits.client, work)

    assert (runs, await total(counter)) == (3, 1)


async def test_commit_of_unknown_outcome_is_repeated_without_the_work(
    failing_commits: FailingCommits, counter: MongoDatabase
) -> None:
    runs = 0

    async def work(session: AsyncIOMotorClientSession) -> None:
        nonlocal runs
        runs += 1
        await increment(counter, session)

    await failing_commits.arm(times=3, errorCode=50, errorLabels=["UnknownTransactionCommitResult"])
    await transact(failing_commits.client, work)

    assert (runs, await total(counter)) == (1, 1)


async def test_reply_lost_after_the_commit_changes_nothing_twice(
    failing_commits: FailingCommits, counter: MongoDatabase
) -> None:
    # The command runs, then the reply says it is unknown whether a majority has it.
    await failing_commits.arm(times=3, writeConcernError={"code": 64, "errmsg": "waiting timed out"})

    await transact(failing_commits.client, lambda session: increment(counter, session))

    assert await total(counter) == 1


async def test_driver_error_comes_out_when_the_deadline_is_over(
    failing_commits: FailingCommits, counter: MongoDatabase
) -> None:
    await failing_commits.arm(times=10_000, errorCode=112, errorLabels=["TransientTransactionError"])
    started = asyncio.get_running_loop().time()

    with pytest.raises(OperationFailure, match="failCommand"):
        await transact(failing_commits.client, lambda session: increment(counter, session), deadline=0.5)
    assert asyncio.get_running_loop().time() - started < 3


async def test_mongod_killed_in_the_middle_loses_and_doubles_nothing(
    stores: EmbeddedStores, embedded_only: None, mongo_client: MongoClient, counter: MongoDatabase
) -> None:
    committed = in_doubt = 0
    first_commits = asyncio.Event()

    async def writer() -> None:
        nonlocal committed, in_doubt
        for _ in range(40):
            try:
                await transact(mongo_client, lambda session: increment(counter, session))
                committed += 1
            except PyMongoError:
                in_doubt += 1
            first_commits.set()

    async def killer() -> None:
        await first_commits.wait()
        await stores.restart("mongod")

    await asyncio.gather(writer(), writer(), killer())

    assert committed <= await total(counter) <= committed + in_doubt
    assert committed + in_doubt == 80
    assert committed >= 70, "the deadline is longer than a restart: almost all are retried"
