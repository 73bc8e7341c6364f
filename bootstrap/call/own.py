"""A server of our own for one call: everything of ``rapport up``, on free ports, in a folder that is gone afterwards."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from bootstrap.call.story import Place, Start
from bootstrap.settings import Environment, Settings
from bootstrap.up import running

Echo = Callable[[str, str], None]


def own_server(settings: Settings, echo: Echo | None = None) -> Start:
    """How to start one. A server or stores that already run are left alone: they have their own data and clock.

    ``echo`` receives (name, line) for what server and worker print.
    """

    def start(speed: float) -> AbstractAsyncContextManager[Place]:
        return _running(settings, speed, echo)

    return start


@asynccontextmanager
async def _running(settings: Settings, speed: float, echo: Echo | None) -> AsyncIterator[Place]:
    with tempfile.TemporaryDirectory(prefix="rapport-call-") as folder:
        own = settings.model_copy(
            update={
                "env": Environment.LOCAL,
                "host": "127.0.0.1",
                "port": 0,
                "sandbox_port": 0,
                "data_dir": Path(folder),
                "clock_speed": speed,
                "mongodb_uri": None,
                "redis_url": None,
                # Never real Stripe: the clock is fast, and a demonstration must not move money.
                "stripe_secret_key": None,
                "stripe_secret_key_file": None,
                "stripe_webhook_secret": None,
                "stripe_webhook_secret_file": None,
                "stripe_address": None,
            }
        )
        async with running(own, echo=echo) as place:
            yield place
