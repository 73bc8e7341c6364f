"""Who is at the other end of the connection: address and request id."""

import re
from collections.abc import Sequence
from uuid import uuid4

from aiohttp import web

from domain.addresses import Network, client_address

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


def request_id_of(request: web.Request) -> str:
    """The caller's ``X-Request-Id`` if it is harmless, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _SANE_ID.fullmatch(given) else uuid4().hex


def address_of(request: web.Request, trusted: Sequence[Network]) -> str:
    """The client's address."""
    return client_address(request.remote, request.headers.getall("X-Forwarded-For", []), trusted)
