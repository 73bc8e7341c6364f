"""Cores, columns, frames of a size, profiles and slopes: the parts of the benchmark that need no server."""

import orjson
import pytest

from loadtests.bench import columns, leak, machine, profile
from loadtests.bench.leak import Level
from loadtests.peers.desk import status_event


def test_server_and_generator_get_a_core_each() -> None:
    cores = machine.share_out({0, 1})
    assert (cores.server(0), cores.generator) == ({0}, {1})


def test_on_one_core_nothing_is_pinned() -> None:
    cores = machine.share_out({3})
    assert (cores.server(0), cores.generator) == (None, None)
    assert "only core" in cores.words


def test_two_servers_share_a_core_where_the_generator_needs_the_other() -> None:
    cores = machine.share_out({0, 1}, servers=2)
    assert (cores.server(0), cores.server(1), cores.generator) == ({0}, {0}, {1})


def test_two_servers_get_two_cores_where_there_are_more() -> None:
    cores = machine.share_out({0, 1, 2, 3}, servers=2)
    assert (cores.server(0), cores.server(1), cores.generator) == ({0}, {1}, {2, 3})


def test_columns_come_in_the_order_of_the_table() -> None:
    assert [one.name for one in columns.find(["rapport", "floor"])] == ["floor", "rapport"]


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(ValueError, match="nodes"):
        columns.find(["nodes"])


@pytest.mark.parametrize("size", [200, 5_000])
def test_an_event_of_the_fan_out_has_the_size_asked_for(size: int) -> None:
    event = status_event("c0ac" * 6, 1_700_000_000.25, size)
    frame = b'42/notifications,["coach_status",' + orjson.dumps(event) + b"]"
    assert len(frame) == size
    assert event["since"] == "2023-11-14T22:13:20.250000Z"


def test_a_profile_counts_own_and_called_time() -> None:
    lines = profile.top("run;read;parse 6\nrun;read 3\nrun;write 1").splitlines()
    assert lines[1].split() == ["60.0%", "60.0%", "parse"]
    assert lines[2].split() == ["30.0%", "90.0%", "read"]
    assert lines[3].split() == ["10.0%", "10.0%", "write"]


def test_recursion_counts_once() -> None:
    assert profile.top("run;walk;walk 4").splitlines()[1].split() == ["100.0%", "100.0%", "walk"]


def test_a_level_that_stays_has_no_slope() -> None:
    levels = [Level(cycles, 5_000, 70, 0) for cycles in (100, 200, 300)]
    assert leak.growth(levels) == (0.0, 0.0)


def test_a_steady_leak_is_found_through_noise() -> None:
    levels = [
        Level(cycles, 8 * cycles + noise, 2 * cycles, 0) for cycles, noise in ((0, 0), (100, 40), (200, 0))
    ]
    bytes_each, objects_each = leak.growth(levels)
    assert (bytes_each, objects_each) == (pytest.approx(8.0), pytest.approx(2.0))


def test_one_level_has_no_slope_at_all() -> None:
    with pytest.raises(ValueError, match="two levels"):
        leak.growth([Level(0, 1, 1, 0)])


def test_the_kinds_of_endings_add_up() -> None:
    assert sum(leak.KINDS.values()) == 100
