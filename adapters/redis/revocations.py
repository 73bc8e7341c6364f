"""Revocations, spread over the bus: this process at once, the others within milliseconds.

A process that misses one reads the store within seconds (:mod:`adapters.mongo.revocation_watch`).
"""

import logging

import orjson

from domain.accounts.revocations import Revocation, RevokedTokens
from domain.bus import REVOKED, Bus
from domain.errors import Unavailable
from domain.events import rfc3339

log = logging.getLogger(__name__)


class BusRevocations:
    """Implements ``domain.accounts.ports.RevocationFeed``."""

    def __init__(self, bus: Bus, revoked: RevokedTokens) -> None:
        self._bus = bus
        self._revoked = revoked

    async def announce(self, revocation: Revocation) -> None:
        self._revoked.add(revocation)
        frame = orjson.dumps(
            {
                "userId": revocation.user_id,
                "families": list(revocation.families),
                "at": rfc3339(revocation.at),
            }
        )
        try:
            await self._bus.publish([(REVOKED, frame)])
        except Unavailable:
            log.warning("bus down; other processes read a revocation from the store")
