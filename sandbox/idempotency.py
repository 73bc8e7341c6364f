"""Idempotency keys (https://docs.stripe.com/api/idempotent_requests).

The first answer of a key is kept with the effects it stands for, in the same transaction, and replayed, also when it
was a 500. Other parameters under the same key are an error; the same key while the first is running is a conflict. Not
kept: requests that failed validation or met a conflict.
"""

import hashlib
from dataclasses import dataclass

from sandbox.errors import ApiError
from sandbox.store import Store

MAX_KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer given before."""

    status: int
    body: bytes
    request: str


def fingerprint(method: str, path: str, account: str, body: bytes) -> str:
    """What must be the same for a key to be the same request."""
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), account.encode(), b"&".join(sorted(body.split(b"&")))):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


class IdempotencyKeys:
    """The keys of this sandbox: kept ones in the store, running ones in memory (they die with the process)."""

    def __init__(self, store: Store, lifetime: float) -> None:
        self._store = store
        self._lifetime = lifetime
        self._running: set[str] = set()

    def recall(self, key: str, print_: str, now: float) -> Kept | None:
        """The answer kept for a key, if there is one not older than the lifetime.

        Raises:
            ApiError: ``idempotency_error`` for other parameters, 409 while the key is in use.
        """
        if key in self._running:
            raise ApiError(
                "There is currently another in-progress request using this Idempotent Key (that probably means you"
                " submitted twice, and the other request is still going through): please try again later.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        row = self._store.connection.execute(
            "SELECT * FROM idempotency WHERE key=? AND created>?", (key, now - self._lifetime)
        ).fetchone()
        if row is None:
            return None
        if row["fingerprint"] != print_:
            raise ApiError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try"
                " using a key other than this one if you meant to execute a different request.",
                kind="idempotency_error",
            )
        return Kept(row["status"], row["body"], row["request"])

    def begin(self, key: str) -> None:
        """The key is in use from now on."""
        self._running.add(key)

    def end(self, key: str) -> None:
        """The key is free, or kept."""
        self._running.discard(key)

    def keep(self, key: str, print_: str, answer: Kept, now: float) -> None:
        """Keep an answer; called in the transaction of its effects."""
        self._store.connection.execute(
            "INSERT OR REPLACE INTO idempotency (key, fingerprint, request, status, body, created)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (key, print_, answer.request, answer.status, answer.body, now),
        )

    def forget(self, older_than: float) -> int:
        """Drop keys made before a real instant; how many."""
        return self._store.connection.execute(
            "DELETE FROM idempotency WHERE created<=?", (older_than,)
        ).rowcount
