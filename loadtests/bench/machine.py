"""How the cores of this machine are shared out."""

import os
import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core each server gets, and which the generator; None: the machine has one core, and they share it."""

    servers: tuple[set[int], ...] | None
    generator: set[int] | None

    def server(self, number: int) -> set[int] | None:
        """The cores of one of several servers; the servers share what there is."""
        return None if self.servers is None else self.servers[number % len(self.servers)]

    @property
    def words(self) -> str:
        """For the report."""
        if self.servers is None or self.generator is None:
            return "servers and generator share the only core"
        servers = ", ".join(str(min(one)) for one in self.servers)
        return f"servers on core {servers}, generator on core {', '.join(map(str, sorted(self.generator)))}"


def share_out(available: set[int], servers: int = 1) -> Cores:
    """One core for each of so many servers as far as there are, the rest for the generator, which gets one at least."""
    ordered = sorted(available)
    if len(ordered) < 2:
        return Cores(None, None)
    taken = min(servers, len(ordered) - 1)
    return Cores(tuple({core} for core in ordered[:taken]), set(ordered[taken:]))


def available() -> set[int]:
    """The cores this process may run on."""
    return os.sched_getaffinity(0)


def prepare(cores: Cores) -> None:
    """Keep this process on the generator's cores, and let it open as many sockets as the system allows."""
    if cores.generator is not None:
        os.sched_setaffinity(0, cores.generator)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
