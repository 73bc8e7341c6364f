"""Listening to the broker through its outages.

taskiq's own loop repeats at once when the connection fails, which is a busy loop while Valkey restarts; and a consumer group
that went with lost data is never made again.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from taskiq import AckableMessage, AsyncBroker
from taskiq.receiver import Receiver

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
MAX_TASKS = 16


class _Receiver(Receiver):
    """A message whose acknowledgement is lost comes again and finds its timers completed: no error of anybody."""

    async def callback(self, message: bytes | AckableMessage, raise_err: bool = False) -> None:
        """Run a message."""
        try:
            await super().callback(message, raise_err)
        except Exception as error:
            log.warning("a message could not be acknowledged and comes again: %s", error)


async def receive(broker: AsyncBroker) -> None:
    """Run tasks as they come, until cancelled."""
    broker.is_worker_process = True
    # Our tasks are coroutines; the pool is what taskiq would run others in.
    with ThreadPoolExecutor(max_workers=1) as unused:
        while True:
            try:
                await broker.startup()
                receiver = _Receiver(
                    broker, executor=unused, run_startup=False, max_async_tasks=MAX_TASKS, max_prefetch=0
                )
                await receiver.listen(asyncio.Event())
            except Exception as error:
                log.warning("the broker does not answer, trying again: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
