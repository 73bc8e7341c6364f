"""Ports for programs that a test or a measurement starts, and starts again after a while."""

import random
import socket
from contextlib import ExitStack

#: Below those that any connection on this machine may get meanwhile (ip(7), ip_local_port_range).
LOWEST, HIGHEST = 10_000, 32_000


def free_port(in_a_row: int = 1) -> int:
    """A port of the loopback that nobody listens on; with ``in_a_row``, neither on those after it."""
    dice = random.SystemRandom()
    while True:
        first = dice.randrange(LOWEST, HIGHEST)
        with ExitStack() as stack:
            try:
                for port in range(first, first + in_a_row):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
        return first
