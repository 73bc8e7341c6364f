"""Fixtures live in ``tests/support/``, a file by subject; this is the list of them, and what runs in one process.

``make test`` runs in several processes at once (pytest-xdist). Each has stores of its own, so tests of two processes never
meet; what takes long to start is started in one of them alone.
"""

import pytest

pytest_plugins = ["tests.support.stores", "tests.support.house", "tests.support.program"]

#: Fixtures whose users all run in one process, one after the other. The first that a test uses decides: two browsers at once,
#: with two calls each, would slow each other's pictures down.
SHARED = ("browser", "program_of_session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say of each test with which others it stays: those that share something costly, else those of its file."""
    if not config.pluginmanager.has_plugin("xdist"):
        return
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        group = next((one for one in SHARED if one in fixtures), item.nodeid.partition("::")[0])
        item.add_marker(pytest.mark.xdist_group(group))
