"""The person's settings, in one small file of the data folder. No Qt.

A file that cannot be read gives way to the settings that a new installation
has, and is kept beside under another name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from linkage_gui.faults import Trouble
from linkage_gui.policy import Policy

FORMAT: Literal["linkage-settings/1"] = "linkage-settings/1"
LIMIT_BYTES = 64 * 1024
"""The most bytes that the file is read for; what the program writes is far smaller."""
_NUMBER_LIMIT = 100_000

Scheme = Literal["system", "light", "dark"]


_NOTHING_SETTLED = Policy()


class Rect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place on the desktop, in logical pixels."""

    x: int
    y: int
    width: int
    height: int


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the person has set. ``place`` is where the window was last, before it was ``maximised`` if it was."""

    applicant: str = ""
    ods_code: str = ""
    assessor: str = ""
    role: str = ""
    organisation: str = ""
    scheme: Scheme = "system"
    place: Rect | None = None
    maximised: bool = False

    def defaults(self, settled: Policy = _NOTHING_SETTLED) -> dict[str, Any]:
        """What a new assessment begins with, in the shape of a case's answers; what is not set is left out.

        What the person has not set is as the organisation's policy has it.
        """
        applicant = {"name": self.applicant or settled.applicant, "ods_code": self.ods_code or settled.ods_code}
        organisation = self.organisation or settled.organisation
        assessor = {"name": self.assessor, "role": self.role, "organisation": organisation}
        answers = {"applicant": applicant, "assessor": assessor}
        filled = {key: {name: text for name, text in parts.items() if text.strip()} for key, parts in answers.items()}
        return {key: parts for key, parts in filled.items() if parts}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    settings: Settings


msgspec.json.Decoder(_File)  # learnt before two threads can use it at once, as an edition's type is


def settings_file(data: Path) -> Path:
    """The file in a data folder."""
    return data / "settings.json"


def read(data: Path) -> tuple[Settings, Trouble | None]:
    """The settings of a data folder, and what to tell when they could not be read.

    A file that is not as this program writes it is kept beside under another name.
    """
    path = settings_file(data)
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT_BYTES + 1)
    except FileNotFoundError:
        return Settings(), None
    except OSError as error:
        return Settings(), Trouble(
            f"The settings {path} cannot be read ({error.strerror or error}), so those of a new installation are "
            "used. Check that you may read the file."
        )
    try:
        if len(content) > LIMIT_BYTES:
            raise ValueError("too large")
        found = msgspec.json.decode(content, type=_File)
        if found.format != FORMAT or not _is_sane(found.settings):
            raise ValueError(found.format)
    except (ValueError, RecursionError):  # msgspec's are ValueErrors
        return Settings(), _put_aside(path)
    return found.settings, None


def _is_sane(settings: Settings) -> bool:
    texts = (settings.applicant, settings.ods_code, settings.assessor, settings.role, settings.organisation)
    place = settings.place
    numbers = (place.x, place.y, place.width, place.height) if place is not None else ()
    return all(len(text) <= 300 for text in texts) and all(abs(number) <= _NUMBER_LIMIT for number in numbers)


def _put_aside(path: Path) -> Trouble:
    kept = path.with_name(f"{path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}{path.suffix}")
    told = f"The settings {path} are damaged, or a newer version wrote them: those of a new installation are used."
    try:
        path.rename(kept)
    except OSError as error:
        return Trouble(f"{told} The file could not be put aside ({error.strerror or error}): move it away yourself.")
    return Trouble(f"{told} The file is kept as {kept}. Enter your settings again.")


def _is_there(path: Path) -> bool:
    """Whether there is anything, as far as can be seen: what may not be looked at counts as there."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def change(data: Path, how: Callable[[Settings], Settings]) -> Settings:
    """Change the settings that are in the file, which another window may have changed meanwhile, and keep them.

    :raises Trouble: when the file cannot be written. It is then as it was.
    """
    from linkage_gui.files import whole_file  # noqa: PLC0415  (only to write: the window reads before it opens)

    path = settings_file(data)
    before, trouble = read(data)
    there = _is_there(path)
    if trouble is not None and there:
        raise trouble  # what cannot be read is not written over
    new = how(before)
    if new == before and there:
        return new
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"The folder {path.parent} cannot be made ({error.strerror or error}), so the settings were not kept."
        ) from error
    with whole_file(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(_File(FORMAT, new)), indent=2) + b"\n")
    return new


def fitting(saved: Rect, screens: Sequence[Rect], least: tuple[int, int]) -> Rect | None:
    """Where to put a window that was at ``saved``: wholly on the screen on which most of it lies.

    As large as it was, as far as the screen has room for it and ``least`` (width, height) allows. ``None`` when it
    lies on no screen any more. ``screens`` are what is free of each.
    """
    on = max(screens, key=lambda screen: _shared(saved, screen), default=None)
    if on is None or not _shared(saved, on):
        return None
    width = min(max(saved.width, least[0]), on.width)
    height = min(max(saved.height, least[1]), on.height)
    x = min(max(saved.x, on.x), on.x + on.width - width)
    y = min(max(saved.y, on.y), on.y + on.height - height)
    return Rect(x, y, width, height)


def _shared(one: Rect, other: Rect) -> int:
    """The area that two places share."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(across, 0) * max(down, 0)
