"""What would keep a report from being written is said before the load, not after it."""

from pathlib import Path

import pytest

from loadtests.load.report import prepare_report


def test_a_folder_that_can_be_written_is_made_and_left_empty(tmp_path: Path) -> None:
    prepare_report(tmp_path / "a" / "b")

    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(ValueError, match="There is no report"):
        prepare_report(tmp_path / "taken")


def test_a_comparison_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text("[]")

    with pytest.raises(ValueError, match="not a report of"):
        prepare_report(tmp_path, tmp_path / "bench.json")
