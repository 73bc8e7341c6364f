"""``python -m loadtests.cluster``: print what two processes cost and bring; ``--json FILE`` keeps it."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import orjson

from loadtests import ending
from loadtests.bench.arithmetic import Spread
from loadtests.cluster.measure import GAIN_AT_LEAST, REMOTE_AT_MOST, Result, Sizes, run


def main() -> int:
    """0 if the result is what the issue asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short alternation")
    parser.add_argument("--alternations", type=int, default=5)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    sizes = Sizes(alternations=asked.alternations)
    if asked.quick:
        sizes = replace(sizes, seconds=2.0, watchers=200, events=20, alternations=1)
    found = ending.run(run(sizes, lambda line: print(line, flush=True)))
    _show(found)
    if asked.json:
        asked.json.write_bytes(orjson.dumps(found.to_wire(), option=orjson.OPT_INDENT_2))
    return 0 if found.met else 1


def _show(found: Result) -> None:
    def line(what: str, value: Spread, target: str) -> None:
        print(f"{what:<58} {value.median:5.2f} ×  ({value.low:.2f}-{value.high:.2f})   {target}")

    line("signal between two processes, CPU of a local one", found.remote, f"at most {REMOTE_AT_MOST}")
    line("calls on two processes, work of one", found.calls, f"at least {GAIN_AT_LEAST}")
    line("fan-out from two processes, work of one", found.fanout, f"at least {GAIN_AT_LEAST}")
    print(f"lost or out of order: {found.lost}")


if __name__ == "__main__":
    sys.exit(main())
