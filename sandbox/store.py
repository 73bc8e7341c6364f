"""The sandbox's state: one SQLite file, one writer, short synchronous transactions.

The calls are synchronous on purpose, on the event loop's own thread: a transaction is a handful of statements on a local
file in WAL mode with ``synchronous=NORMAL`` (no fsync per commit), tens of microseconds, less than handing it to a thread.
It also makes every request atomic without a lock: no other request can run between its reads and its writes.

What is committed survives ``kill -9`` of the process. A power cut may lose the last moments, which a real gateway
would not; nobody's money is here. ``locking_mode=EXCLUSIVE`` refuses a second process on the same file.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import orjson

from sandbox.entities import Entity

E = TypeVar("E", bound=Entity)

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    customer TEXT,
    parent TEXT,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (kind, customer, seq) WHERE customer IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_parent ON objects (kind, parent, seq) WHERE parent IS NOT NULL;
CREATE TABLE IF NOT EXISTS balances (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, currency)
);
CREATE TABLE IF NOT EXISTS holds (
    payment_intent TEXT PRIMARY KEY,
    capture_before INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS holds_by_expiry ON holds (capture_before);
CREATE TABLE IF NOT EXISTS checkout_expiries (
    session TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS checkout_expiries_by_time ON checkout_expiries (expires_at);
CREATE TABLE IF NOT EXISTS refund_ends (
    refund TEXT PRIMARY KEY,
    due INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    due REAL,
    status INTEGER,
    delivered INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    spec BLOB NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS draws (
    fault INTEGER NOT NULL,
    label TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (fault, label)
);
"""


class AlreadyRunning(Exception):
    """Another process holds this data folder."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted, newest first; ids are cursors, ``since``/``until`` are inclusive seconds."""

    limit: int = 10
    after: str | None = None
    before: str | None = None
    since: int | None = None
    until: int | None = None


class Store:
    """Entities by id, customer and parent, and the tables beside them (``connection``)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # SQLite gives its -wal file the mode of the database file, so the mode is set before it opens it.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        self.connection.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            self.connection.close()
            if "locked" in str(error):
                raise AlreadyRunning(f"another sandbox uses {path}") from error
            raise

    def _prepare(self) -> None:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self.connection.execute(f"PRAGMA {pragma}").fetchall()
        self.connection.executescript(SCHEMA)

    def close(self) -> None:
        """Write the log back into the file and let it go."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nests as savepoints."""
        nested = self.connection.in_transaction
        self.connection.execute("SAVEPOINT part" if nested else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO part" if nested else "ROLLBACK")
            if nested:
                self.connection.execute("RELEASE part")
            raise
        self.connection.execute("RELEASE part" if nested else "COMMIT")

    def put(self, entity: Entity) -> None:
        """Insert or replace, keeping the place in lists."""
        kind = type(entity)
        fields = asdict(entity)
        customer = fields[kind.customer_field] if kind.customer_field else None
        parent = fields[kind.parent_field] if kind.parent_field else None
        self.connection.execute(
            "INSERT INTO objects (id, kind, created, customer, parent, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET customer=excluded.customer, parent=excluded.parent, body=excluded.body",
            (entity.id, kind.object, entity.created, customer, parent, orjson.dumps(fields)),
        )

    def get(self, kind: type[E], identifier: str) -> E | None:
        """One entity of that kind, or None."""
        row = self.connection.execute(
            "SELECT body FROM objects WHERE id=? AND kind=?", (identifier, kind.object)
        ).fetchone()
        return None if row is None else kind(**orjson.loads(row["body"]))

    def delete(self, entity: Entity) -> None:
        """Remove it."""
        self.connection.execute("DELETE FROM objects WHERE id=?", (entity.id,))

    def every(self, kind: type[E], *, customer: str | None = None, parent: str | None = None) -> list[E]:
        """All of a kind, oldest first, of one customer or parent when given."""
        # One more than -2 is -1: to SQLite, no limit.
        found, _ = self.page(kind, Window(limit=-2), customer=customer, parent=parent)
        return found[::-1]

    def page(
        self, kind: type[E], window: Window, *, customer: str | None = None, parent: str | None = None
    ) -> tuple[list[E], bool]:
        """A page, newest first, and whether there is more beyond it."""
        conditions: list[str] = ["kind=?"]
        values: list[str | int] = [kind.object]
        bounds: dict[str, str | int | None] = {
            "customer=?": customer,
            "parent=?": parent,
            "seq<(SELECT seq FROM objects WHERE id=?)": window.after,
            "seq>(SELECT seq FROM objects WHERE id=?)": window.before,
            "created>=?": window.since,
            "created<=?": window.until,
        }
        for condition, value in bounds.items():
            if value is not None:
                conditions.append(condition)
                values.append(value)
        # Going back from a cursor, the nearest items come first and are turned round afterwards.
        direction = "ASC" if window.before is not None else "DESC"
        rows = self.connection.execute(
            f"SELECT body FROM objects WHERE {' AND '.join(conditions)} ORDER BY seq {direction} LIMIT ?",
            [*values, window.limit + 1],
        ).fetchall()
        more = 0 < window.limit < len(rows)
        found = [kind(**orjson.loads(row["body"])) for row in (rows[: window.limit] if more else rows)]
        return (found[::-1] if window.before is not None else found), more
