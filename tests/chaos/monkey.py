"""``kill -9`` by schedule. Supervisors bring back what dies; nobody is killed again before it is back."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping

from bootstrap.embedded import ChildProcess
from tests.chaos.plan import Kill, Target
from tests.chaos.witness import Outage, Witness

log = logging.getLogger(__name__)

BACK_WITHIN = 60.0


class Monkey:
    """Carries out the kills of a plan."""

    def __init__(self, children: Mapping[Target, ChildProcess], witness: Witness) -> None:
        self._children = children
        self._witness = witness
        self._returns: list[asyncio.Task[None]] = []
        self.killed: Counter[Target] = Counter()

    async def run(self, schedule: list[Kill]) -> None:
        """Every kill at its time, or as soon as its target lives again."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for kill in schedule:
            await asyncio.sleep(max(0.0, began + kill.at - loop.time()))
            child = self._children[kill.target]
            await child.wait_ready(BACK_WITHIN)
            child.kill()
            self.killed[kill.target] += 1
            self._returns.append(asyncio.create_task(self._outage(kill.target, child)))
            log.info("%.1f s: killed %s", loop.time() - began, kill.target)

    async def all_back(self) -> None:
        """Until everything runs again."""
        await asyncio.gather(*self._returns)
        for child in self._children.values():
            await child.wait_ready(BACK_WITHIN)

    async def _outage(self, target: Target, child: ChildProcess) -> None:
        outage = Outage(target, self._witness.clock.now())
        self._witness.outages.append(outage)
        await child.wait_ready(BACK_WITHIN)
        outage.back = self._witness.clock.now()
