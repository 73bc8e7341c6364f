"""Which browser the console is tested with."""

from pathlib import Path

import pytest

from tools.browser.chromium import NoChromium, find_chromium


def program(folder: Path, name: str) -> str:
    """Something that can be run."""
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_first_of_the_known_names_is_taken(path: Path) -> None:
    program(path, "google-chrome")
    chromium = program(path, "chromium")
    assert find_chromium({}) == chromium


def test_the_variable_names_another(path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    program(path, "chromium")
    other = program(tmp_path_factory.mktemp("other"), "browser")
    assert find_chromium({"CHROMIUM": other}) == other


def test_a_variable_that_names_nothing_is_told(path: Path) -> None:
    program(path, "chromium")
    with pytest.raises(NoChromium, match="CHROMIUM is /nowhere"):
        find_chromium({"CHROMIUM": "/nowhere"})


def test_no_browser_is_told_with_a_way_to_get_one(path: Path) -> None:
    with pytest.raises(NoChromium, match="apt-get install chromium"):
        find_chromium({})
