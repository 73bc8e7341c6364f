"""A mailbox for a machine of one's own: takes mail with the secret key, keeps it, shows it to whoever sits here.

The same Message-ID is one mail, however often it is sent. Reading needs no key, like everything else that is shown: the
listener is on loopback, ``Host`` is checked, and no other origin may read the answers.
"""

import time
from typing import Annotated

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.errors import InvalidParameter, JsonObject, missing
from sandbox.store import Store

#: Older ones give way to new ones.
KEPT = 5_000
PAGE = 50

SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    at REAL NOT NULL,
    sender TEXT NOT NULL,
    receiver TEXT NOT NULL,
    receiver_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mails_by_receiver ON mails (receiver, id);
"""
_Address = Annotated[str, Field(min_length=3, max_length=320)]
_Line = Annotated[str, Field(max_length=1_000)]
_Body = Annotated[str, Field(max_length=200_000)]


class Delivered(BaseModel):
    """A mail as it is handed in."""

    model_config = ConfigDict(extra="forbid")

    message_id: Annotated[str, Field(min_length=3, max_length=320)]
    sender: Annotated[str, Field(min_length=3, max_length=320, alias="from")]
    to: _Address
    to_name: _Line = ""
    subject: _Line = ""
    text: _Body = ""
    html: _Body = ""


class Mailbox:
    """Mails by receiver, newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.connection.executescript(SCHEMA)

    def take(self, body: bytes) -> JsonObject:
        """Keep a mail; one that is known already is left as it is.

        Raises:
            InvalidParameter: not a mail.
        """
        try:
            mail = Delivered.model_validate(orjson.loads(body))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise InvalidParameter(
                f"{where}: {first['msg']}", code="parameter_invalid", param=where
            ) from error
        except orjson.JSONDecodeError as error:
            raise InvalidParameter(f"Invalid JSON: {error}") from error
        with self._store.transaction():
            self._store.connection.execute(
                "INSERT INTO mails (message_id, at, sender, receiver, receiver_name, subject, text, html)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO NOTHING",
                (mail.message_id, time.time(), mail.sender, mail.to.lower(), mail.to_name, mail.subject, mail.text,
                 mail.html),
            )  # fmt: skip
            self._store.connection.execute(
                "DELETE FROM mails WHERE id <= (SELECT max(id) FROM mails) - ?", (KEPT,)
            )
        return {"message_id": mail.message_id, "accepted": True}

    def page(
        self, receiver: str | None, before: int | None, limit: int = PAGE
    ) -> tuple[list[JsonObject], bool]:
        """Some mails, newest first, and whether there are more."""
        conditions, values = ["1=1"], list[str | int]()
        if receiver:
            conditions.append("receiver=?")
            values.append(receiver.strip().lower())
        if before is not None:
            conditions.append("id<?")
            values.append(before)
        rows = self._store.connection.execute(
            f"SELECT * FROM mails WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?",
            [*values, limit + 1],
        ).fetchall()
        return [_shown(dict(row)) for row in rows[:limit]], len(rows) > limit

    def get(self, identifier: str) -> JsonObject:
        """One mail.

        Raises:
            ApiError: there is none.
        """
        number = (
            int(identifier) if identifier.isascii() and identifier.isdigit() and len(identifier) < 16 else 0
        )
        row = self._store.connection.execute("SELECT * FROM mails WHERE id=?", (number,)).fetchone()
        if row is None:
            raise missing("mail", identifier)
        return _shown(dict(row))

    def clear(self) -> JsonObject:
        """Throw all away."""
        with self._store.transaction():
            return {"cleared": self._store.connection.execute("DELETE FROM mails").rowcount}


def _shown(row: dict[str, object]) -> JsonObject:
    return {
        "id": row["id"],
        "message_id": row["message_id"],
        "at": row["at"],
        "from": row["sender"],
        "to": row["receiver"],
        "to_name": row["receiver_name"],
        "subject": row["subject"],
        "text": row["text"],
        "html": row["html"],
    }


def as_list(mailbox: Mailbox, request: web.Request) -> JsonObject:
    """``GET /mailbox/messages?to=&before=&limit=``, for programs."""
    before, limit = request.query.get("before", ""), request.query.get("limit", "")
    found, more = mailbox.page(
        request.query.get("to"),
        int(before) if before.isdigit() else None,
        min(int(limit), 500) if limit.isdigit() and int(limit) else PAGE,
    )
    return {"object": "list", "data": found, "has_more": more}
