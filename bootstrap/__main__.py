"""``python -m bootstrap``: the ``rapport`` command."""

from bootstrap.cli import main

main()
