"""``make chaos SECONDS=… SEED=…``: a run as long as you like. The data folder of a run that failed is kept."""

import argparse
import asyncio
import logging
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.plan import PRODUCT_TERMS, TERMS, Plan
from tests.chaos.run import run, summary

SECONDS_PER_KILL = 3.5


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the storm lasts")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run; default: a new one")
    parser.add_argument("--pairs", type=int, default=8, help="coaches, and as many clients")
    parser.add_argument("--couples", type=int, default=4, help="people in booked sessions, with overtime")
    parser.add_argument("--buyers", type=int, default=2, help="people who book and pay")
    parser.add_argument("--kills", type=int, default=None, help="default: one in 3.5 seconds")
    parser.add_argument(
        "--product-terms", action="store_true", help="default terms, not those of a quick day"
    )
    parser.add_argument("--keep", action="store_true", help="keep the data folder of a good run, too")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else random.randrange(1_000_000)
    kills = asked.kills if asked.kills is not None else round(asked.seconds / SECONDS_PER_KILL)
    terms = PRODUCT_TERMS if asked.product_terms else TERMS
    plan = Plan(
        seed=seed,
        seconds=asked.seconds,
        pairs=asked.pairs,
        kills=kills,
        couples=asked.couples,
        buyers=asked.buyers,
        terms=terms,
    )
    print(f"seed {seed}: repeat with `make chaos SECONDS={asked.seconds:g} SEED={seed}`", flush=True)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("tests.chaos").setLevel(logging.INFO)
    folder = Path(tempfile.mkdtemp(prefix="rapport-chaos-"))
    report = asyncio.run(run(plan, folder, lambda line: print(line, flush=True)))
    print("\n".join(summary(report)))
    if report.verdict.faults or asked.keep:
        (folder / "stories.txt").write_text("\n".join(report.verdict.stories))
        print(f"logs, data and the stories of these calls are kept in {folder}")
        return 1 if report.verdict.faults else 0
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
