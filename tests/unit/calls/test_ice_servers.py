"""TURN credentials, computed a second time by another road."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest

from domain.clock import VirtualClock
from domain.ids import UserId
from signaling.ice import MAX_TTL, IceServers

URLS = ("turn:relay.demo.test:3478?transport=udp", "turns:relay.demo.test:5349")
USER = UserId("0123456789abcdef01234567")
BLOCK = 64


def hmac_sha1(key: bytes, message: bytes) -> bytes:
    """RFC 2104, by its definition."""
    padded = (hashlib.sha1(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha1(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


@pytest.mark.parametrize("secret", ["short", "s" * 64, "longer than one block of the hash " * 5])
def test_a_credential_is_the_hmac_of_expiry_and_user(secret: str) -> None:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))

    (server,), note = IceServers(clock, URLS, secret, ttl=600).for_call(USER)

    assert note is None
    assert server.urls == URLS
    assert server.username == f"1767226200:{USER}"
    assert (
        server.credential == base64.b64encode(hmac_sha1(secret.encode(), server.username.encode())).decode()
    )


def test_a_credential_expires_in_wall_time_however_fast_the_domain_clock_runs() -> None:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC), speed=60.0)
    clock.advance(6000)

    (server,), _ = IceServers(clock, URLS, "secret", ttl=600).for_call(USER)

    assert server.username == f"{1767225600 + 100 + 600}:{USER}"


def test_no_credential_lives_longer_than_an_hour() -> None:
    with pytest.raises(ValueError, match=str(MAX_TTL)):
        IceServers(VirtualClock(), URLS, "secret", ttl=MAX_TTL + 1)


@pytest.mark.parametrize(("urls", "secret"), [((), "secret"), (URLS, None)])
def test_without_a_relay_there_is_a_reason_instead(urls: tuple[str, ...], secret: str | None) -> None:
    servers, note = IceServers(VirtualClock(), urls, secret).for_call(USER)

    assert servers == ()
    assert note is not None
