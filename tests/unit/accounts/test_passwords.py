"""Passwords are hashed off the loop, whole, and compared in the same time for nobody."""

import threading
from collections.abc import AsyncIterator

import bcrypt
import pytest

from adapters.passwords import BcryptHasher


@pytest.fixture
async def hasher() -> AsyncIterator[BcryptHasher]:
    made = BcryptHasher(cost=4)
    yield made
    made.close()


async def test_a_password_matches_its_own_hash_only(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("correct horse")

    assert await hasher.matches("correct horse", hashed)
    assert not await hasher.matches("correct horsf", hashed)


async def test_characters_beyond_the_seventy_second_byte_count(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("x" * 150 + "a")

    assert not await hasher.matches("x" * 150 + "b", hashed)


async def test_what_follows_a_nul_counts(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("before\0after")

    assert not await hasher.matches("before\0other", hashed)


async def test_the_same_characters_typed_differently_match(hasher: BcryptHasher) -> None:
    hashed = await hasher.hash("caf\u00e9 au lait")

    assert await hasher.matches("cafe\u0301 au lait", hashed)


async def test_nobody_is_checked_against_a_real_hash_of_the_same_cost(
    hasher: BcryptHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[tuple[bytes, str]] = []
    original = bcrypt.checkpw

    def spy(password: bytes, hashed: bytes) -> bool:
        checked.append((hashed, threading.current_thread().name))
        return original(password, hashed)

    monkeypatch.setattr("adapters.passwords.bcrypt.checkpw", spy)
    assert not await hasher.matches("anything", None)

    ((hashed, thread),) = checked
    assert hashed.startswith(b"$2b$04$")
    assert thread.startswith("bcrypt")


async def test_a_hash_of_another_cost_is_outdated(hasher: BcryptHasher) -> None:
    assert hasher.outdated("$2b$12$abc")
    assert not hasher.outdated(await hasher.hash("correct horse"))
