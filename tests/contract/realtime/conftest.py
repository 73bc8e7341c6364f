"""Fixtures of the socket door."""

from tests.support.realtime import node, shared_sandbox, world

__all__ = ["node", "shared_sandbox", "world"]
