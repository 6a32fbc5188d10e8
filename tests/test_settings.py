"""The person's settings: kept, changed, damaged, and where the window goes."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_gui.faults import Trouble
from linkage_gui.settings import LIMIT_BYTES, Rect, Settings, change, fitting, read, settings_file
from tests.log.disks import unprivileged

LEAST = (480, 320)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
numbers = st.integers(-5000, 5000)
rects = st.builds(Rect, numbers, numbers, st.integers(1, 5000), st.integers(1, 5000))
all_settings = st.builds(
    Settings, applicant=texts, ods_code=texts, assessor=texts, role=texts, organisation=texts,
    scheme=st.sampled_from(["system", "light", "dark"]), place=st.none() | rects, maximised=st.booleans(),
)  # fmt: skip


@given(all_settings)
def test_what_is_kept_is_read_again(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    data = tmp_path_factory.mktemp("data")
    assert change(data, lambda _: settings) == settings
    assert read(data) == (settings, None)


def test_without_a_file_there_are_defaults_and_nothing_is_made(tmp_path: Path) -> None:
    assert read(tmp_path / "data") == (Settings(), None)
    assert not (tmp_path / "data").exists()


def test_a_change_keeps_what_another_window_changed(tmp_path: Path) -> None:
    change(tmp_path, lambda before: msgspec.structs.replace(before, applicant="NHS Example ICB"))
    change(tmp_path, lambda before: msgspec.structs.replace(before, maximised=True))
    assert read(tmp_path)[0] == Settings(applicant="NHS Example ICB", maximised=True)


GOOD = b'{"format": "linkage-settings/1", "settings": {"applicant": "NHS Example ICB"}}'


def test_the_good_file_of_the_next_test_is_good(tmp_path: Path) -> None:
    settings_file(tmp_path).write_bytes(GOOD)
    assert read(tmp_path) == (Settings(applicant="NHS Example ICB"), None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[" * 50_000,
        b"\xff\xfe",
        GOOD[:-3],
        GOOD.replace(b"/1", b"/2"),
        GOOD.replace(b"applicant", b"applicants"),
        GOOD.replace(b'"NHS Example ICB"', b"7"),
        GOOD.replace(b"NHS Example ICB", b"x" * 301),
        GOOD.replace(b'"applicant": "NHS Example ICB"', b'"place": {"x": 0, "y": 0, "width": 9999999, "height": 1}'),
        GOOD.replace(b'"applicant": "NHS Example ICB"', b'"scheme": "pink"'),
        GOOD + b" " * LIMIT_BYTES,
    ],
)
def test_a_damaged_file_gives_defaults_says_so_and_is_kept_beside(tmp_path: Path, content: bytes) -> None:
    settings_file(tmp_path).write_bytes(content)
    settings, trouble = read(tmp_path)
    assert settings == Settings()
    [kept] = tmp_path.iterdir()
    assert kept.read_bytes() == content
    assert kept != settings_file(tmp_path)
    assert str(kept) in str(trouble)
    change(tmp_path, lambda _: Settings(role="IG lead"))
    assert read(tmp_path) == (Settings(role="IG lead"), None)
    assert kept.read_bytes() == content


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="needs permissions that hold")
def test_a_damaged_file_that_cannot_be_put_aside_is_not_written_over(tmp_path: Path) -> None:
    settings_file(tmp_path).write_bytes(b"damaged")
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(Trouble, match="could not be put aside"):
            change(tmp_path, lambda _: Settings(role="IG lead"))
        assert settings_file(tmp_path).read_bytes() == b"damaged"
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("where", ["a folder", "below a file"])
def test_settings_that_cannot_be_read_or_written_are_told(tmp_path: Path, where: str) -> None:
    data = tmp_path
    if where == "a folder":
        settings_file(data).mkdir()
    else:
        (tmp_path / "file").touch()
        data = tmp_path / "file" / "data"
    settings, trouble = read(data)
    assert settings == Settings()
    assert trouble is not None
    assert "cannot be read" in str(trouble)
    with pytest.raises(Trouble):
        change(data, lambda _: Settings(role="IG lead"))


@pytest.mark.skipif(sys.platform == "win32", reason="modes do not close a folder on Windows")
def test_settings_in_a_folder_that_may_not_be_looked_into_are_told() -> None:
    with unprivileged() as folder:
        settings_file(folder).write_bytes(b"{}")
        folder.chmod(0)
        with pytest.raises(Trouble, match="cannot be read"):
            change(folder, lambda before: before)


def test_a_new_assessment_begins_with_what_is_set_and_nothing_blank() -> None:
    assert Settings(role="  ").defaults() == {}
    assert Settings(applicant="NHS Example ICB", role="IG lead").defaults() == {
        "applicant": {"name": "NHS Example ICB"},
        "assessor": {"role": "IG lead"},
    }


# Where the window goes


@dataclass
class Desk:
    """A window's place, and screens side by side."""

    saved: Rect
    screens: list[Rect]


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    screens, x = [], draw(numbers)
    for width, height, y in draw(
        st.lists(st.tuples(st.integers(480, 4000), st.integers(320, 3000), st.integers(-500, 500)), max_size=3)
    ):
        screens.append(Rect(x, y, width, height))
        x += width
    return Desk(draw(rects), screens)


def inside(one: Rect, other: Rect) -> bool:
    """Whether a place lies wholly in another."""
    return (
        other.x <= one.x
        and one.x + one.width <= other.x + other.width
        and other.y <= one.y
        and one.y + one.height <= other.y + other.height
    )


def touches(one: Rect, other: Rect) -> bool:
    """Whether two places have a pixel in common."""
    across = set(range(one.x, one.x + one.width)) & set(range(other.x, other.x + other.width))
    down = set(range(one.y, one.y + one.height)) & set(range(other.y, other.y + other.height))
    return bool(across and down)


@given(desks())
def test_the_window_comes_back_wholly_onto_a_screen_that_it_was_on(desk: Desk) -> None:
    found = fitting(desk.saved, desk.screens, LEAST)
    was_on = [screen for screen in desk.screens if touches(desk.saved, screen)]
    if found is None:
        assert was_on == []
        return
    [on] = [screen for screen in desk.screens if inside(found, screen)]
    assert on in was_on
    assert found.width >= LEAST[0]
    assert found.height >= LEAST[1]
    assert found.width <= max(desk.saved.width, LEAST[0])
    assert found.height <= max(desk.saved.height, LEAST[1])
    fits = desk.saved.width >= LEAST[0] and desk.saved.height >= LEAST[1]
    if fits and any(inside(desk.saved, screen) for screen in desk.screens):
        assert found == desk.saved


def test_a_window_between_two_screens_goes_to_the_one_with_most_of_it() -> None:
    left, right = Rect(0, 0, 1000, 800), Rect(1000, 0, 1000, 800)
    assert fitting(Rect(700, 0, 700, 700), [left, right], LEAST) == Rect(1000, 0, 700, 700)
    assert fitting(Rect(500, 100, 700, 700), [left, right], LEAST) == Rect(300, 100, 700, 700)
    assert fitting(Rect(2500, 100, 700, 700), [left, right], LEAST) is None
