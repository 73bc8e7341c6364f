"""Fixtures live in ``tests/support/``, a file by subject; this is the list of them, and what runs beside what.

``make test`` runs in two processes (pytest-xdist), each with stores of its own, so that their tests never meet. ``pytest``
alone runs everything in one.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

pytest_plugins = ["tests.support.stores", "tests.support.house", "tests.support.program"]

#: What starts whole programs, or counts short times. All of it runs in one process, from the beginning on and in this order.
#: First comes what waits until nobody else's timer is left.
IN_REAL_TIME = (
    "tests/contract/test_socket_fuzz.py",
    "tests/contract/test_engine_garbage.py",
    "tests/chaos/",
    "tests/cluster/",
    "tests/concurrency/test_races_over_sockets.py",
    "tests/conformance/",
    "tests/scenarios/test_rapport_call.py",
    "tests/scenarios/test_smoke_load.py",
)
#: Windows of the console on a fast clock; they take as long as all that is in real time. All of it runs in another process; the
#: rest goes, file by file, to whichever is free.
IN_BROWSERS = "tests/browser/"
FIRST = (*IN_REAL_TIME, IN_BROWSERS)
#: Small files, with which everybody comes to an end at about the same time.
LAST = "tests/unit/"
#: Where a machine keeps files in memory. A journal there costs no wait for a disk, and survives all that is killed here.
IN_MEMORY = Path("/dev/shm")
#: What all stores of a run together need there, bytes; a container often has less.
ENOUGH_MEMORY = 4 * 1024**3


def pytest_configure() -> None:
    """Data folders go into memory, also those of programs that are started; a ``TMPDIR`` of yours is respected."""
    if "TMPDIR" in os.environ or not (IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK)):
        return
    if shutil.disk_usage(IN_MEMORY).free >= ENOUGH_MEMORY:
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)


class RealTimeTogether(LoadFileScheduling):
    """Files in their order, each as a whole to whichever process is free; what is in real time, or in browsers, as one file."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(IN_REAL_TIME):
            return "real time"
        return "browsers" if nodeid.startswith(IN_BROWSERS) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> RealTimeTogether:
    return RealTimeTogether(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several processes: what is in real time begins."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> int:
    """The place of a test's file or folder among those that come first; the rest comes after them."""
    turns = (turn for turn, place in enumerate(FIRST) if nodeid.startswith(place))
    return next(turns, len(FIRST) + nodeid.startswith(LAST))
