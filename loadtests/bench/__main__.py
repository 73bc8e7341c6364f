"""``python -m loadtests.bench``: see :mod:`loadtests.bench`."""

import argparse
import logging
from pathlib import Path

from loadtests import ending, ticks
from loadtests.bench import columns, growth, leak, machine, measures, profile, report, table
from loadtests.bench.report import Findings
from loadtests.bench.run import GROUPS, Plan, Results, run
from loadtests.bench.targets import OURS, judge
from loadtests.load.report.document import machine as describe

ALTERNATIONS = 5
QUICK_ALTERNATIONS = 2
#: Clients that come and go, and after how many of them the level is read.
CYCLES, ROUNDS = 20_000, 5
FOLDER = Path("reports") / "bench"


def _say(line: str) -> None:
    print(line, flush=True)


async def _bench(arguments: argparse.Namespace, cores: machine.Cores, available: set[int]) -> None:
    told = describe()  # before this process confines itself
    ticked = await ticks.run(say=_say) if arguments.ticks else None
    machine.prepare(cores)
    _say("  ".join(f"{name}: {value}" for name, value in told.items()))
    _say(f"cores: {cores.words}\n")
    plan, results = _plan(arguments, cores)
    missing = dict(results.missing)
    results = await run(plan, _say)
    results.missing.update(missing)
    found = Findings(results, told, cores.words, plan.alternations, ticks=ticked)
    ours = columns.find([OURS])[0]
    if arguments.growth:
        found.grown = await growth.grow(ours, growth.Shape(), plan.sizes, available, _say)
    if arguments.leak:
        found.levels = await leak.cycle(ours, cores, CYCLES, ROUNDS, _say)
    _say("\n" + table.text(results))
    if ticked is not None:
        _say("\n" + ticked.table())
    for file in report.write(found, arguments.report):
        _say(f"written: {file}")
    if not table.met(judge(results.figures)):
        _say("not every target was met")


def _plan(arguments: argparse.Namespace, cores: machine.Cores) -> tuple[Plan, Results]:
    wanted, without = columns.find(arguments.columns), Results()
    if columns.NODE in wanted and (why := columns.missing_node()):
        _say(f"Without Node.js: {why}.")
        wanted.remove(columns.NODE)
        without.missing[columns.NODE.name] = why
    plan = Plan(
        columns=wanted,
        sizes=measures.QUICK if arguments.quick else measures.Sizes(),
        alternations=arguments.alternations or (QUICK_ALTERNATIONS if arguments.quick else ALTERNATIONS),
        cores=cores,
        groups=arguments.only,
        arrivals=1 if arguments.quick else None,
    )
    return plan, without


async def _main(arguments: argparse.Namespace) -> None:
    available = machine.available()
    cores = machine.share_out(available)
    if arguments.command is None:
        await _bench(arguments, cores, available)
        return
    machine.prepare(cores)
    if arguments.command == "profile":
        (column,) = columns.find([arguments.column])
        how = profile.How(arguments.seconds, not arguments.cprofile, arguments.native)
        print(await profile.profile(column, arguments.what, how, cores))
    elif arguments.command == "leak":
        (column,) = columns.find([arguments.column])
        levels = await leak.cycle(column, cores, arguments.cycles, arguments.rounds, _say)
        slope, objects = leak.growth(levels[1:])
        print(f"{slope:.1f} bytes and {objects:.3f} objects more per cycle after the warm-up")
    else:
        (column,) = columns.find([arguments.column])
        sizes = measures.QUICK if arguments.quick else measures.Sizes()
        await growth.grow(column, growth.Shape(), sizes, available, _say)


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(text)


def _arguments() -> argparse.Namespace:
    names = [column.name for column in columns.ALL]
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="two alternations of shorter loads, thousands of sockets in one; no growth, no leak",
    )
    parser.add_argument(
        "--alternations", type=_at_least_one, help=f"default {ALTERNATIONS}; quick: {QUICK_ALTERNATIONS}"
    )
    parser.add_argument("--columns", nargs="+", choices=names, default=names)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument(
        "--growth", action=argparse.BooleanOptionalAction, help="default: unless --quick or --only"
    )
    parser.add_argument(
        "--leak", action=argparse.BooleanOptionalAction, help="default: unless --quick or --only"
    )
    parser.add_argument(
        "--ticks",
        action=argparse.BooleanOptionalAction,
        help="calls metered, beside BullMQ; default as above",
    )
    parser.add_argument("--report", type=Path, default=FOLDER, help=f"a folder; default {FOLDER}")
    _commands(parser.add_subparsers(dest="command"), names)
    found = parser.parse_args()
    whole = not found.quick and set(found.only) == set(GROUPS)
    found.growth = whole if found.growth is None else found.growth
    found.leak = whole if found.leak is None else found.leak
    found.ticks = whole if found.ticks is None else found.ticks
    return found


def _commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", names: list[str]) -> None:
    told = commands.add_parser("profile", help="where a server of Python spends its time")
    told.add_argument("column", choices=[name for name in names if name != "node"])
    told.add_argument("what", choices=profile.LOADS)
    told.add_argument("--seconds", type=float, default=5.0)
    told.add_argument("--cprofile", action="store_true", help="even if py-spy is there")
    told.add_argument("--native", action="store_true", help="functions of C too (py-spy)")
    told = commands.add_parser("leak", help="what clients leave behind")
    told.add_argument("column", nargs="?", choices=names, default=OURS)
    told.add_argument("--cycles", type=int, default=CYCLES)
    told.add_argument("--rounds", type=int, default=ROUNDS)
    told = commands.add_parser("growth", help="cost over the number of sockets")
    told.add_argument("column", nargs="?", choices=names, default=OURS)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    ending.run(_main(_arguments()))
