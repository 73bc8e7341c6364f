"""What was measured, and whether it meets the targets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

#: Calls metered in a second by one worker, durable and delivered, on two cores that everything shares.
TARGET = 10_000
#: Times the jobs per second of BullMQ.
AGAINST_BULLMQ = 3.0


@dataclass(frozen=True, slots=True)
class Round:
    """One minute of all calls: seconds since it was full, and CPU seconds by process until the last tick was delivered."""

    calls: int
    durable: float
    delivered: float
    cpu: dict[str, float]


@dataclass(frozen=True, slots=True)
class Jobs:
    """One job per call at BullMQ: seconds to add them, seconds to run them."""

    jobs: int
    adding: float
    running: float


@dataclass(frozen=True, slots=True)
class Result:
    """A whole run. ``no_bullmq`` says why there is none."""

    calls: int
    sockets: int
    rounds: Sequence[Round]
    bullmq: Sequence[Jobs]
    no_bullmq: str | None
    machine: dict[str, str]

    @property
    def durable_per_second(self) -> float:
        """Calls metered and durable, median."""
        return median(one.calls / one.durable for one in self.rounds)

    @property
    def delivered_per_second(self) -> float:
        """Calls metered, durable, and both sides told, median."""
        return median(one.calls / one.delivered for one in self.rounds)

    @property
    def jobs_per_second(self) -> float | None:
        """BullMQ, median; None without it."""
        return median(one.jobs / one.running for one in self.bullmq) if self.bullmq else None

    @property
    def times_bullmq(self) -> float | None:
        """Metered and delivered calls against jobs: the median of the pairs that were measured one after the other."""
        if not self.bullmq:
            return None
        pairs = zip(self.rounds, self.bullmq, strict=True)
        return median((ours.calls / ours.delivered) / (job.jobs / job.running) for ours, job in pairs)

    @property
    def cpu_per_tick(self) -> dict[str, float]:
        """Microseconds by process, median: what does not depend on how busy the machine is."""
        return {
            name: median(one.cpu[name] / one.calls for one in self.rounds) * 1e6
            for name in self.rounds[0].cpu
        }

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return asdict(self) | {
            "durablePerSecond": self.durable_per_second,
            "deliveredPerSecond": self.delivered_per_second,
            "jobsPerSecond": self.jobs_per_second,
            "timesBullmq": self.times_bullmq,
            "cpuMicrosecondsPerTick": self.cpu_per_tick,
            "targets": {"perSecond": TARGET, "timesBullmq": AGAINST_BULLMQ},
        }

    def table(self) -> str:
        """For a terminal."""
        lines = [
            f"{self.calls} calls, {self.sockets} sockets, {len(self.rounds)} rounds; medians (lowest to highest)",
            _line("metered, durable in MongoDB", [r.calls / r.durable for r in self.rounds], ""),
            _line(
                "… and delivered to both sockets",
                [r.calls / r.delivered for r in self.rounds],
                _verdict(self.delivered_per_second, TARGET, "{:,.0f} /s"),
            ),
        ]
        if self.jobs_per_second is None or self.times_bullmq is None:
            lines.append(f"  no BullMQ: {self.no_bullmq}")
        else:
            lines += [
                _line("BullMQ, jobs run", [j.jobs / j.running for j in self.bullmq], ""),
                _line("BullMQ, jobs added beforehand", [j.jobs / j.adding for j in self.bullmq], ""),
                f"  {'ours against BullMQ':<34}{self.times_bullmq:10.1f} x"
                f"{_verdict(self.times_bullmq, AGAINST_BULLMQ, '{:.1f} x'):>44}",
            ]
        spent = ", ".join(f"{name} {value:.0f}" for name, value in self.cpu_per_tick.items())
        return "\n".join([*lines, f"  CPU per call metered, µs: {spent}"])


def _line(what: str, values: Sequence[float], verdict: str) -> str:
    spread = f"({min(values):,.0f} to {max(values):,.0f})"
    return f"  {what:<34}{median(values):10,.0f} /s  {spread:<22}{verdict}"


def _verdict(value: float, target: float, form: str) -> str:
    met = "meets" if value >= target else "MISSES"
    return f"{met} the target of {form.format(target)}"
