"""The transaction as use cases see it: changes, events and timers in one commit, then publication."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar, cast

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo import DeleteOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError

from adapters.mongo.client import database_of
from adapters.mongo.documents import Document
from adapters.mongo.outages import is_outage
from adapters.mongo.outbox import Emission, MongoOutbox
from adapters.mongo.timers import MongoTimers, arm_operation, arm_together_operation, disarm_operation
from adapters.mongo.transact import RECOMMIT, RERUN, in_one_go, transact
from domain.clock import Clock
from domain.errors import Contended, Unavailable
from domain.events import Address, Event
from domain.outbox import OutboxRow, RowPublisher
from domain.ports import Tx
from domain.timers import TimerKind

T = TypeVar("T")
log = logging.getLogger(__name__)


COLLISIONS = 5
DEADLINE = 10.0
WRITE_CONFLICT = 112
DUPLICATE_KEY = 11000
#: Published events are noted as such after so long (real seconds), or once there are so many. Well below what the sweep waits.
MARKED_WITHIN, MARKED_AT_ONCE = 0.1, 50


class FirstOfItsKey(Exception):
    """Somebody else made the document that this transaction wanted to be the first to make."""


@contextmanager
def making_the_first() -> Iterator[None]:
    """Around a write that makes a document of a unique key: if somebody else makes it meanwhile, the transaction runs again,
    and finds it."""
    try:
        yield
    except DuplicateKeyError as collision:
        # A label of the driver's means that it runs again anyway.
        if collision.has_error_label("TransientTransactionError"):
            raise
        raise FirstOfItsKey from collision


def _is_duplicate(error: DuplicateKeyError | BulkWriteError) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    failures = (error.details or {}).get("writeErrors", [])
    return bool(failures) and all(failure["code"] == DUPLICATE_KEY for failure in failures)


def _may_go_well_later(error: PyMongoError | FirstOfItsKey) -> bool:
    """An outage, or a race that lasted too long; anything else the database refuses is a bug of ours, and stays one."""
    if isinstance(error, FirstOfItsKey) or is_outage(error):
        return True
    if isinstance(error, (DuplicateKeyError, BulkWriteError)) and _is_duplicate(error):
        return True
    return error.has_error_label(RERUN) or error.has_error_label(RECOMMIT)


class MongoTx:
    """One attempt at a transaction. ``session`` is for the stores of this package alone."""

    def __init__(self, session: AsyncIOMotorClientSession) -> None:
        self.session = session
        self.inserts: defaultdict[str, list[Document]] = defaultdict(list)
        self.emissions: list[Emission] = []
        self.timers: dict[tuple[TimerKind, str], UpdateOne | DeleteOne] = {}

    def emit(self, to: Address, event: Event, *, expires_at: datetime | None = None) -> None:
        self.emissions.append((to, event, expires_at))

    def arm(self, kind: TimerKind, key: str, due: datetime, *, facts: object | None = None) -> None:
        self.timers[kind, key] = arm_operation(kind, key, due, facts)

    def arm_together(self, kind: TimerKind, key: str, due: datetime, facts: object) -> None:
        self.timers[kind, key] = arm_together_operation(kind, key, due, facts)

    def disarm(self, kind: TimerKind, key: str) -> None:
        self.timers[kind, key] = disarm_operation(kind, key)


def insert_at_the_end(tx: Tx, collection: str, document: Document) -> None:
    """Insert a document once the work is done, together with others of its collection; the work cannot read it."""
    cast(MongoTx, tx).inserts[collection].append(document)


def session_of(tx: Tx) -> AsyncIOMotorClientSession:
    """The driver's session behind a transaction."""
    return cast(MongoTx, tx).session


class MongoTransactions:
    """Runs work, writes what it emitted and armed, commits, publishes.

    Publication failing is no failure of the work: the rows are committed, and the sweep publishes them.
    """

    def __init__(
        self,
        client: AsyncIOMotorClient[dict[str, Any]],
        outbox: MongoOutbox,
        timers: MongoTimers,
        clock: Clock,
        publisher: RowPublisher,
        within: float = DEADLINE,
    ) -> None:
        """``within``: real seconds in which conflicts with other transactions are waited out."""
        self._client = client
        self._db = database_of(client)
        self._outbox = outbox
        self._timers = timers
        self._clock = clock
        self._publisher = publisher
        self._within = within
        self._unmarked: list[OutboxRow] = []
        self._enough = asyncio.Event()
        self._marking: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __call__(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        async def attempt(session: AsyncIOMotorClientSession) -> tuple[T, list[OutboxRow]]:
            tx = MongoTx(session)
            result = await work(tx)
            return result, await self._flush(tx)

        try:
            result, rows = await self._run(attempt)
        except (PyMongoError, FirstOfItsKey) as error:
            if not _may_go_well_later(error):
                raise
            if isinstance(error, OperationFailure) and error.code == WRITE_CONFLICT:
                raise Contended("Somebody else is changing the same; please try again.") from error
            raise Unavailable("The database did not answer in time; please try again.") from error
        if rows:
            await self._publish(rows)
        return result

    async def _run(self, attempt: Callable[[AsyncIOMotorClientSession], Awaitable[T]]) -> T:
        """Two transactions that both make the first timer or feed of one key collide by duplicate key, which MongoDB does
        not mark as transient, although a second run finds the document there."""
        for _ in range(COLLISIONS):
            try:
                return await transact(self._client, attempt, deadline=self._within)
            except FirstOfItsKey as collision:
                log.debug("collision on upsert: %s", collision)
        return await transact(self._client, attempt, deadline=self._within)

    async def _flush(self, tx: MongoTx) -> list[OutboxRow]:
        if not (tx.inserts or tx.timers or tx.emissions):
            return []
        try:
            return await in_one_go(lambda: self._write(tx, tx.session.delegate))
        except (DuplicateKeyError, BulkWriteError) as error:
            if error.has_error_label("TransientTransactionError") or not _is_duplicate(error):
                raise
            raise FirstOfItsKey from error

    def _write(self, tx: MongoTx, session: ClientSession) -> list[OutboxRow]:
        """What was gathered, by blocking calls."""
        for collection, documents in tx.inserts.items():
            self._db.delegate[collection].insert_many(documents, session=session)
        if tx.timers:
            self._timers.write(session, list(tx.timers.values()))
        if not tx.emissions:
            return []
        return self._outbox.write(session, tx.emissions, self._clock.now(), self._clock.wall())

    async def _publish(self, rows: list[OutboxRow]) -> None:
        try:
            await self._publisher.publish_rows(rows)
        except Unavailable:
            log.warning("bus down; %d committed events are left to the sweep", len(rows))
            return
        # Marking only spares the sweep a second publication, so nobody waits for it, and many are marked together.
        self._unmarked += rows
        if len(self._unmarked) >= MARKED_AT_ONCE or self._closed:
            self._enough.set()
        if len(self._unmarked) == len(rows):
            task = asyncio.create_task(self._mark())
            self._marking.add(task)
            task.add_done_callback(self._marking.discard)

    async def _mark(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(MARKED_WITHIN):
                await self._enough.wait()
        rows, self._unmarked = self._unmarked, []
        if not self._closed:
            self._enough.clear()
        try:
            await self._outbox.published(rows)
        except (PyMongoError, Unavailable):
            log.warning("could not mark %d events as published; the sweep sends them again", len(rows))

    async def close(self) -> None:
        """Mark what is still to be marked; from now on, nothing waits for more to be marked with it."""
        self._closed = True
        self._enough.set()
        while self._marking:
            await asyncio.gather(*self._marking, return_exceptions=True)
