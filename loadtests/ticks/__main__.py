"""``python -m loadtests.ticks``."""

import argparse
import logging
import resource
from pathlib import Path

import orjson

from loadtests import ending
from loadtests.ticks import run
from loadtests.ticks.run import CALLS, ROUNDS


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.ticks", description="Calls metered per second by one worker, beside BullMQ."
    )
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--without-bullmq", action="store_true")
    parser.add_argument("--json", type=Path, help="write the result there as well")
    return parser.parse_args()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    arguments = _arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # what we start inherits it
    found = ending.run(
        run(
            calls=arguments.calls,
            rounds=arguments.rounds,
            with_bullmq=not arguments.without_bullmq,
            say=lambda line: print(line, flush=True),
        )
    )
    print(found.table())
    if arguments.json is not None:
        arguments.json.write_bytes(orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2))
