"""The ``rapport`` command."""

import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from pydantic import ValidationError
from pymongo.errors import ServerSelectionTimeoutError
from redis.exceptions import RedisError
from rich.console import Console

from bootstrap.demo import DEMO_PASSWORD, PEOPLE
from bootstrap.embedded import EmbeddedError
from bootstrap.logging import configure_logging
from bootstrap.ports import PortInUse
from bootstrap.settings import Settings, UnknownSetting, read_settings
from bootstrap.up import Exposed, Running, up
from bootstrap.wiring.common import MissingSetting
from bootstrap.wish import CallWish

T = TypeVar("T")

app = typer.Typer(
    name="rapport",
    help="Realtime backend of a coaching marketplace: paid live calls by the minute.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

#: What a person can do something about: shown as a sentence, not as a stack.
EXPECTED = (EmbeddedError, PortInUse, Exposed, MissingSetting, ValueError)


@app.command("up")
def up_command() -> None:
    """Start everything on this machine: stores, sandbox, server, worker, demo accounts."""
    settings = _settings()
    _log(settings, "up")
    console.print("Starting stores, worker and server …")
    width = max(len(name) for name in ("server", "worker", "sandbox"))

    def echo(name: str, line: str) -> None:
        if name != "sandbox":
            sys.stderr.write(f"{name:<{width}} {line}\n")

    _run(up(settings, _welcome, echo))


def _welcome(now: Running) -> None:
    console.print(f"\n  Rapport runs at [bold]{now.url}[/bold]")
    if now.demo:
        console.print(f"  {', '.join(person.email for person in PEOPLE)}; password {DEMO_PASSWORD}")
        console.print(f"  A paid call, from another terminal:  .venv/bin/rapport call --url {now.url}")
    if now.mailbox_url:
        console.print(f"  Mail lands at {now.mailbox_url}")
    console.print("  Ctrl-C stops everything; data stays.\n")


@app.command()
def serve(
    workers: Annotated[
        str,
        typer.Option(
            help="Processes on the one port, or `auto`: one per core. Several take WebSockets only."
        ),
    ] = "1",
    slot: Annotated[int, typer.Option(hidden=True)] = 0,
    ready_fd: Annotated[int, typer.Option(hidden=True)] = -1,
) -> None:
    """Run the server (MONGODB_URI, REDIS_URL and secrets must be set)."""
    from bootstrap.serve import serve as serve_process
    from bootstrap.workers import Slot, count_of, serve_workers

    settings = _settings()
    _log(settings, "server")
    if slot:
        _run(serve_process(settings, slot=Slot(slot, ready_fd)))
    elif (count := _counted(workers, count_of)) > 1:
        _run(serve_workers(settings, count))
    else:
        _run(serve_process(settings))


@app.command()
def work() -> None:
    """Run one worker process (MONGODB_URI, REDIS_URL and secrets must be set)."""
    from bootstrap.work import work as work_process

    settings = _settings()
    _log(settings, "worker")
    _run(work_process(settings))


@app.command("call")
def call_command(
    url: Annotated[
        str | None,
        typer.Option(
            help="A running server; without it, one at RAPPORT_PORT is used if there is, else a server of our own is started."
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="How long to talk, in domain time. Default: 3, and 1.2 on a running server.",
            show_default=False,
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            help="Domain seconds per real second of a server of our own; 60 makes a minute a second."
        ),
    ] = None,
    decline: Annotated[bool, typer.Option("--decline", help="The coach declines.")] = False,
    drop_media: Annotated[
        bool, typer.Option("--drop-media", help="Media stops in the middle, and comes back.")
    ] = False,
    card: Annotated[str | None, typer.Option(help="`declined`: the client's card is refused.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Also show what server and worker log.")] = False,
) -> None:
    """Show one paid live call: two WebRTC peers, real media, the meter, the receipt."""
    from bootstrap.calling import show_call

    settings = _settings()
    configure_logging(json=False, level=settings.log_level if verbose else "ERROR")
    wanted = CallWish(url, minutes, speed, decline, drop_media, card, json, verbose)
    if not _run(show_call(settings, wanted)):
        raise typer.Exit(1)


@app.command("load")
def load_command(
    scenario: Annotated[
        str | None, typer.Argument(help="What to do; without it, what there is.", show_default=False)
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="A server of this machine; without it, the one at RAPPORT_PORT.", show_default=False
        ),
    ] = None,
    sockets: Annotated[
        int | None,
        typer.Option(min=1, help="Connections. Default: the scenario's own.", show_default=False),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Messages, changes or calls a second. Default: the scenario's own.",
            show_default=False,
        ),
    ] = None,
    duration: Annotated[float, typer.Option(help="Seconds; with --seek, of each window, 10 at most.")] = 15.0,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Generator processes.")] = 2,
    talk: Annotated[float, typer.Option(min=0.1, help="Seconds that each of `calls` lasts.")] = 5.0,
    seek: Annotated[bool, typer.Option("--seek", help="Find the highest rate that keeps --p99.")] = False,
    p99: Annotated[
        float | None,
        typer.Option(min=0.1, help="Milliseconds, for --seek; 50 unless told.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Folder for a report, JSON and HTML.", show_default=False)
    ] = None,
    bench: Annotated[
        Path | None,
        typer.Option(help="A report of `make bench`, to show peers beside.", show_default=False),
    ] = None,
) -> None:
    """Load a running server of this machine, and measure it from outside."""
    try:
        from bootstrap.loading import LoadWish, listed, run_load
    except ModuleNotFoundError as error:
        errors.print(f"[red]rapport load needs {error.name}: pip install 'rapport\\[load]'[/red]")
        raise typer.Exit(1) from None

    if scenario is None:
        console.print(f"What there is:\n{listed()}")
        return
    configure_logging(json=False, level="ERROR")
    if p99 is not None and not seek:
        raise typer.BadParameter("is for --seek.", param_hint="--p99")
    limit = (p99 if p99 is not None else 50.0) if seek else None
    wish = LoadWish(scenario, target, sockets, rate, duration, processes, talk, limit, report, bench)
    if not _run(run_load(_settings(), wish, console)):
        raise typer.Exit(1)


@app.command("dead-letters")
def dead_letters_command(
    replay: Annotated[str | None, typer.Option(help="`kind:key` of one to run again, or `all`.")] = None,
) -> None:
    """List timers that failed for good, and let them run again."""
    from bootstrap.dead_letters import dead_letters

    _run(dead_letters(_settings(), replay, console.print))


@app.command("verify")
def verify_command(email: Annotated[str, typer.Argument(help="The address of the account.")]) -> None:
    """Mark an e-mail address as verified, and a coach's profile: they can pay, and go online."""
    from bootstrap.verify import verify

    _run(verify(_settings(), email, console.print))


def _settings() -> Settings:
    try:
        return read_settings()
    except ValidationError as error:
        for problem in error.errors():
            field = ".".join(str(part) for part in problem["loc"])
            name = field if field.isupper() else f"RAPPORT_{field.upper()}" if field else "settings"
            errors.print(f"[red]{name}[/red]: {problem['msg']}")
        raise typer.Exit(2) from None
    except UnknownSetting as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from None


def _counted(workers: str, count_of: Callable[[str], int]) -> int:
    try:
        return count_of(workers)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--workers") from None


def _log(settings: Settings, process: str) -> None:
    configure_logging(json=settings.log_json, level=settings.log_level)


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    try:
        return uvloop.run(coroutine)
    except EXPECTED as error:
        errors.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None
    except ServerSelectionTimeoutError as error:
        reason = str(error).split(",")[0].split(" (configured")[0]
        errors.print(f"[red]Nobody answers at MONGODB_URI: {reason}[/red]")
        raise typer.Exit(1) from None
    except RedisError as error:
        errors.print(f"[red]Nobody answers at REDIS_URL: {error}[/red]")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(128 + signal.SIGINT) from None


def main() -> None:
    """Entry point."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    app()
