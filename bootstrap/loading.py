"""``rapport load``: load on a running server of this machine, shown as it happens, and a report of it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bootstrap.settings import Settings
from bootstrap.verify import operators_verification
from domain.accounts.verification import Verification
from domain.errors import NotFound
from loadtests.load.fleet import GeneratorFailed
from loadtests.load.people import NotLetIn, Verify
from loadtests.load.report import prepare_report, write_report
from loadtests.load.run import Outcome, Search, load
from loadtests.load.scenarios import SCENARIOS, Scenario
from loadtests.load.scenarios.base import Wish
from loadtests.load.target import NoTarget, look_at
from loadtests.load.view import RichView, summary

#: Real seconds; access tokens are good for a quarter of an hour.
LONGEST = 600.0


@dataclass(frozen=True, slots=True)
class LoadWish:
    """The command's switches; None: the scenario's own."""

    scenario: str
    target: str | None
    sockets: int | None
    rate: float | None
    seconds: float
    processes: int
    talk: float
    p99: float | None
    report: Path | None
    bench: Path | None


def listed() -> str:
    """The scenarios, for a person."""
    return "\n".join(f"  {one.name:<8} {one.summary}" for one in SCENARIOS.values())


async def run_load(settings: Settings, wish: LoadWish, console: Console) -> bool:
    """Load, show, report; whether nothing was lost or refused that should not have been. Slowness is no failure.

    Raises:
        ValueError: switches that do not go together, a target that must not be loaded, or that refused us.
    """
    scenario = _scenario(wish.scenario)
    if not 1 <= wish.seconds <= LONGEST:
        raise ValueError(f"--duration is 1 to {LONGEST:g} seconds.")
    if wish.p99 is not None and not scenario.rate_is:
        raise ValueError(f"{scenario.name} has no rate: there is nothing to seek.")
    try:
        return await _run(settings, scenario, wish, console)
    except (NoTarget, NotLetIn, GeneratorFailed) as error:
        raise ValueError(str(error)) from error


async def _run(settings: Settings, scenario: Scenario, wish: LoadWish, console: Console) -> bool:
    if wish.report is not None:
        # Before the load: its minutes are not to be lost to a folder that cannot be written or a file that is none.
        prepare_report(wish.report, wish.bench)
    target = await look_at(wish.target if wish.target is not None else f"http://127.0.0.1:{settings.port}")
    asked = Wish(
        target,
        wish.sockets if wish.sockets is not None else scenario.sockets,
        wish.rate if wish.rate is not None else scenario.rate,
        wish.seconds,
        wish.processes,
        wish.talk,
    )
    async with AsyncExitStack() as stack:
        verify = await _verify(settings, stack)
        with RichView(console, scenario, asked) as view:
            search = Search(wish.p99) if wish.p99 is not None else None
            outcome = await load(scenario, asked, settings.data_dir, verify, view, search)
    summary(console, outcome)
    if wish.report is not None:
        for file in write_report(outcome, wish.report, wish.bench):
            console.print(f"  {file}")
    return _good(outcome)


async def _verify(settings: Settings, stack: AsyncExitStack) -> Verify:
    """Opened when the first person is to be verified: some scenarios need nobody who is."""
    opened: list[Verification] = []

    async def verify(email: str) -> None:
        if not opened:
            opened.append(await stack.enter_async_context(operators_verification(settings)))
        try:
            await opened[0](email)
        except NotFound:
            raise NotLetIn(
                f"{email} has an account on the server, but not in this command's database. Set MONGODB_URI, or "
                "RAPPORT_DATA_DIR, as for the server."
            ) from None

    return verify


def _scenario(name: str) -> Scenario:
    if name not in SCENARIOS:
        raise ValueError(f"There is no scenario {name}. There are:\n{listed()}")
    return SCENARIOS[name]


def _good(outcome: Outcome) -> bool:
    return not outcome.faults
