"""``rapport call``: finds a running server or brings one, and shows a call on it."""

import json
import sys
from urllib.parse import urlsplit

import aiohttp
from rich.console import Console

from bootstrap.call import CallOptions, Quiet, RichScreen, own_server, road_of, run_call
from bootstrap.settings import Settings
from bootstrap.wish import CallWish

#: Minutes of talk on a server of our own, where a minute is a second.
OWN_MINUTES = 3.0
#: On a running one, whose clock is probably the real one: long enough for one tick.
RUNNING_MINUTES = 1.2


async def show_call(settings: Settings, wish: CallWish) -> bool:
    """Show it; whether everything was as it should be.

    Raises:
        ValueError: switches that do not go together.
    """
    road = road_of(decline=wish.decline, drop_media=wish.drop_media, card=wish.card)
    url = wish.url
    if url is None and wish.speed is None:
        url = await _running_here(settings)
    minutes = wish.minutes
    if minutes is None:
        minutes = OWN_MINUTES if url is None else RUNNING_MINUTES
    options = CallOptions(
        minutes=minutes,
        road=road,
        url=url,
        sandbox_url=await _sandbox_of(url, settings) if url else None,
        speed=wish.speed,
    )
    screen = Quiet() if wish.json else RichScreen(Console(highlight=False))
    result = await run_call(
        options, start=own_server(settings, _echo if wish.verbose else None), screen=screen
    )
    if wish.json:
        sys.stdout.write(json.dumps(result.to_json(), indent=2) + "\n")
    return result.ok


def _echo(name: str, line: str) -> None:
    sys.stderr.write(f"{name:<7} {line}\n")


async def _running_here(settings: Settings) -> str | None:
    url = f"http://127.0.0.1:{settings.port}"
    return url if await _answers(f"{url}/ready", '"accepting"') else None


async def _sandbox_of(url: str, settings: Settings) -> str | None:
    if not url.startswith(("http://127.0.0.1", "http://localhost")):
        return None
    own = urlsplit(url).port
    port = settings.sandbox_port or (own or 0) + 1
    sandbox = f"http://127.0.0.1:{port}"
    return sandbox if await _answers(f"{sandbox}/_sandbox/summary", "open_holds") else None


async def _answers(url: str, word: str) -> bool:
    """Whether something of ours listens there: a port may belong to anybody."""
    try:
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
            return answer.status == 200 and word in await answer.text()
    except (OSError, ValueError, aiohttp.ClientError, TimeoutError):
        return False
