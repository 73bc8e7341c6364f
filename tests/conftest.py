"""Fixtures live in ``tests/support/``, a file by subject; this is the list of them, and what may run beside what.

``make test`` runs in two processes (pytest-xdist), each with stores of its own, so that tests of the two never meet. ``pytest``
alone runs everything in one.
"""

from pathlib import Path

import pytest

pytest_plugins = ["tests.support.stores", "tests.support.house", "tests.support.program"]

#: Folders whose tests run in one process, after everything else: they start browsers and whole programs, which need all of
#: the machine that there is.
ALONE = ("browser", "chaos", "cluster", "conformance", "web")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of two processes: which tests stay together, and in which order they are taken.

    Who shares the program that is started once stays together, and begins; then files, each as a whole; then what runs alone.
    """
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    turns = {"program": 0, "alone": 2}
    items.sort(key=lambda item: turns.get(_group(item), 1))


def _group(item: pytest.Item) -> str:
    if item.path.relative_to(Path(__file__).parent).parts[0] in ALONE:
        return "alone"
    if "program_of_session" in getattr(item, "fixturenames", ()):
        return "program"
    return item.nodeid.partition("::")[0]
