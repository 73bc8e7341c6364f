"""Load goes nowhere but to this machine."""

import os
import socket
from pathlib import Path

import pytest

from loadtests.load.people import People, Person
from loadtests.load.target import NoTarget, Processes, Target, listening, require_loopback


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.8.7:80/path?x", "http://127.9.8.7:80"),
        ("http://localhost:1/", "http://localhost:1"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_loopback_is_taken(given: str, expected: str) -> None:
    assert require_loopback(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "http://example.org:8080", "http://10.0.0.1:8080", "http://0.0.0.0:8080", "http://127.0.0.1.example.org:80",
        "http://localhost@example.org:80", "http://[2001:db8::1]:80", "", "http://:8080", "http://127.0.0.1:99999",
    ],
)  # fmt: skip
def test_everything_else_is_refused(given: str) -> None:
    with pytest.raises(NoTarget, match="not on this machine"):
        require_loopback(given)


@pytest.mark.parametrize("given", ["https://127.0.0.1:8080", "http://127.0.0.1"])
def test_what_is_no_whole_address_is_refused(given: str) -> None:
    with pytest.raises(NoTarget, match="http and a port"):
        require_loopback(given)


def test_who_listens_at_a_port_is_seen_and_what_it_uses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]
        watched = Processes(port)
        usage = watched.usage()

    assert watched.pids == [os.getpid()]
    assert usage is not None
    assert usage.rss_bytes > 10 * 2**20
    assert usage.cpu_seconds > 0
    assert listening(port) == []


def test_people_come_from_loopback_addresses_of_their_own() -> None:
    people = [Person("", "", role, number) for role in ("client", "coach") for number in range(5_000)]

    sources = [person.source for person in people]

    assert len(set(sources)) == len(people)
    assert all(source is not None and require_loopback(f"http://{source}:1") for source in sources)
    assert "127.0.0.1" not in sources


async def test_people_are_kept_for_the_next_load_by_nobody_but_their_owner(tmp_path: Path) -> None:
    async def verify(email: str) -> None:
        raise AssertionError("nobody is new")

    target = Target("http://127.0.0.1:9", "1", 1.0, 0.0, sandbox=True)
    known = Person("c@load.test", "secret", "client", 0, token="t", expires=1e12)
    first = People(target, tmp_path, verify)
    first._all[f"{target.url} client"] = [known]

    assert await first.need("client", 1, 10.0, trusted=False, say=lambda _: None) == [known]

    file = tmp_path / "load-people.json"
    assert file.stat().st_mode & 0o777 == 0o600
    again = People(target, tmp_path, verify)
    assert await again.need("client", 1, 10.0, trusted=False, say=lambda _: None) == [known]
