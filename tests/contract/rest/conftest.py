"""Fixtures of the HTTP door."""

from tests.support.door import admin, client, coach, door, empty_door

__all__ = ["admin", "client", "coach", "door", "empty_door"]
