"""Fixtures live in ``tests/support/``, a file by subject; this is the list of them."""

pytest_plugins = ["tests.support.stores", "tests.support.house", "tests.support.program"]
