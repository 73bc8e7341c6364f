"""``python -m loadtests.bench``: see :mod:`loadtests.bench`."""

import argparse
import logging

import uvloop

from loadtests.bench import columns, machine, measures, profile, table
from loadtests.bench.run import GROUPS, Plan, Results, run

ALTERNATIONS = 5
QUICK_ALTERNATIONS = 2


async def _bench(arguments: argparse.Namespace, cores: machine.Cores) -> Results:
    wanted = columns.find(arguments.columns)
    missing: dict[str, str] = {}
    if columns.NODE in wanted and (why := columns.missing_node()):
        print(f"Without Node.js: {why}.")
        wanted.remove(columns.NODE)
        missing[columns.NODE.name] = why
    plan = Plan(
        columns=wanted,
        sizes=measures.QUICK if arguments.quick else measures.Sizes(),
        alternations=arguments.alternations or (QUICK_ALTERNATIONS if arguments.quick else ALTERNATIONS),
        cores=cores,
        groups=arguments.only,
    )
    results = await run(plan, lambda line: print(line, flush=True))
    results.missing.update(missing)
    return results


async def _main(arguments: argparse.Namespace) -> None:
    cores = machine.share_out(machine.available())
    machine.prepare(cores)
    if arguments.command == "profile":
        (column,) = columns.find([arguments.column])
        how = profile.How(arguments.seconds, not arguments.cprofile, arguments.native)
        print(await profile.profile(column, arguments.what, how, cores))
        return
    print("  ".join(f"{name}: {value}" for name, value in machine.describe().items()))
    print(f"cores: {cores.words}\n")
    results = await _bench(arguments, cores)
    print("\n" + table.text(results))


def _arguments() -> argparse.Namespace:
    names = [column.name for column in columns.ALL]
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two alternations of less of everything")
    parser.add_argument(
        "--alternations", type=int, help=f"default {ALTERNATIONS}; quick: {QUICK_ALTERNATIONS}"
    )
    parser.add_argument("--columns", nargs="+", choices=names, default=names)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    commands = parser.add_subparsers(dest="command")
    told = commands.add_parser("profile", help="where a server of Python spends its time")
    told.add_argument("column", choices=[name for name in names if name != "node"])
    told.add_argument("what", choices=profile.LOADS)
    told.add_argument("--seconds", type=float, default=5.0)
    told.add_argument("--cprofile", action="store_true", help="even if py-spy is there")
    told.add_argument("--native", action="store_true", help="functions of C too (py-spy)")
    return parser.parse_args()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    uvloop.run(_main(_arguments()))
