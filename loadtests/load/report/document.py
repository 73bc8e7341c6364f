"""A load as JSON. Latencies in milliseconds, with HdrHistogram's own encoding beside; memory in bytes; CPU in cores."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.load.histogram import Histogram
from loadtests.load.run import Outcome, judged
from loadtests.load.seek import Ceiling
from loadtests.load.tally import Tally

#: Of the shape below.
VERSION = 1
#: The percentile curve: as near to the whole as the number of values can tell.
CURVE = (0.0, 25.0, 50.0, 75.0, 90.0, 95.0, 98.0, 99.0, 99.5, 99.9, 99.95, 99.99, 99.999)


def document(outcome: Outcome) -> dict[str, Any]:
    """Everything that is known of it."""
    scenario, wish = outcome.scenario, outcome.wish
    return {
        "version": VERSION,
        "scenario": scenario.name,
        "summary": scenario.summary,
        "headline": scenario.headline,
        "counted": scenario.counted,
        "offered": scenario.offered,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "target": {"url": wish.target.url, "version": wish.target.version, "processes": outcome.processes},
        "asked": {
            "sockets": wish.sockets,
            "socketsAre": scenario.sockets_are,
            "rate": wish.rate,
            "rateIs": scenario.rate_is,
            "seconds": wish.seconds,
            "processes": wish.processes,
        },
        "opened": _tally(outcome.opened),
        "found": _tally(outcome.found),
        "perSecond": [_second(outcome.found, n) for n in range(len(outcome.found.seconds))],
        "server": [
            {"at": round(one.at, 3), "cpu": round(one.cpu, 4), "rss": one.rss} for one in outcome.samples
        ],
        "generator": [
            {"cpu": round(one.cpu, 4), "lagMs": one.lag, "saturated": one.saturated}
            for one in outcome.found.strains
        ],
        "targets": [
            {"latency": one.name, "count": one.count, "p99": one.p99, "limitMs": one.limit, "kept": one.kept}
            for one in judged(scenario, outcome.found)
        ],
        "ceiling": _ceiling(outcome.ceiling),
        "faults": outcome.faults,
        "warnings": outcome.warnings,
    }


def machine() -> dict[str, str]:
    """Where this was measured."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": f"{memory / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "counts": dict(tally.counts),
        "latencies": {name: _latency(tally.latency(name)) for name in tally.latencies},
    }


def _latency(values: Histogram) -> dict[str, Any]:
    return {
        "count": len(values),
        "mean": round(values.mean, 3),
        "longest": values.longest,
        "percentiles": {f"{percent:g}": value for percent, value in values.percentiles(CURVE).items()},
        "hdr": values.encoded(),
    }


def _second(tally: Tally, n: int) -> dict[str, Any]:
    second = tally.seconds[n]
    return {
        "counts": second.counts,
        "latencies": {
            name: {"p50": values.percentile(50), "p99": values.percentile(99), "longest": values.longest}
            for name, values in second.latencies.items()
        },
    }


def _ceiling(found: Ceiling | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "limitMs": found.limit,
        "rate": found.rate,
        "beyond": found.beyond,
        "because": found.because,
        "probes": [
            {
                "rate": one.rate,
                "p99": one.p99,
                "complete": one.complete,
                "saturated": one.saturated,
                "beside": one.beside,
                "holds": one.holds(found.limit),
            }
            for one in found.probes
        ],
    }
