"""What a sandbox needs to know to start, and the two clocks it lives by."""

import time
from dataclasses import dataclass, field
from pathlib import Path

#: Names by which a browser or client on this machine may call us; anything else is DNS rebinding.
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

#: Seconds between webhook attempts. Stripe spreads retries over three days; here they are compressed so that a
#: receiver that was down for a minute catches up within the next.
RETRY_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)


@dataclass(frozen=True, slots=True)
class ClockMapping:
    """Domain time from real time: ``origin_domain + (real - origin_real) * speed``, all in Unix seconds.

    Hold expiry (``capture_before``) runs on the domain clock. ``created`` of every object, webhook signatures, retries
    and the age of idempotency keys run on the real one: they are compared with clocks that do not speed up.
    """

    origin_real: float = 0.0
    origin_domain: float = 0.0
    speed: float = 1.0

    def real(self) -> float:
        """Wall time, Unix seconds."""
        return time.time()

    def domain(self) -> float:
        """Domain time, Unix seconds."""
        return self.origin_domain + (time.time() - self.origin_real) * self.speed

    def real_seconds_until(self, domain_instant: float) -> float:
        """How long the wall clock still has to run until the domain clock shows ``domain_instant``; never negative."""
        return max(0.0, (domain_instant - self.domain()) / self.speed)


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Everything given from outside. Secrets come in as values: the sandbox neither reads the environment nor makes
    them up."""

    data_dir: Path
    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    #: where events are sent, beside the endpoints made over the API; None sends nowhere
    webhook_url: str | None = None
    clock: ClockMapping = ClockMapping()
    #: host names accepted in ``Host`` beside loopback
    allowed_hosts: frozenset[str] = frozenset()
    #: domain seconds a hold lives; None follows the card network's rule
    hold_seconds: int | None = None
    webhook_retry_seconds: tuple[float, ...] = RETRY_SECONDS
    webhook_timeout_seconds: float = 10.0
    #: idempotency keys older than this are forgotten, real seconds (Stripe: "at least 24 hours")
    idempotency_key_seconds: float = 24 * 3600.0
