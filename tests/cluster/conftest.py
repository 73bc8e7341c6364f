"""Fixtures of the socket door, for tests of several processes."""

from tests.support.realtime import node, shared_sandbox, world

__all__ = ["node", "shared_sandbox", "world"]
