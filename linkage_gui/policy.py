"""What an organisation has settled for its machines: where the log is kept, and how assessments begin.

Read from one file beside the program, ``linkage-gui-policy.json``, and on Windows from the values of the registry
keys ``HKEY_LOCAL_MACHINE\\Software\\Policies\\Linkage GUI`` and the same of ``HKEY_CURRENT_USER``. Of a setting that
stands in several places the machine's key counts, then the user's key, then the file. No Qt.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

from linkage_gui.faults import Trouble

FORMAT = "linkage-policy/1"
FILE = "linkage-gui-policy.json"
KEY = r"Software\Policies\Linkage GUI"
VALUES = {
    "data_folder": "DataFolder",
    "applicant": "Applicant",
    "ods_code": "OdsCode",
    "organisation": "Organisation",
}
"""By the name of a setting in the file: its name in the registry, where it is a string (REG_SZ or REG_EXPAND_SZ)."""
_LIMIT_BYTES = 64 * 1024
_LIMIT_TEXT = 300
_LIMIT_FOLDER = 32_000


class Policy(NamedTuple):
    """What is settled; a setting that is not is empty. ``data_folder`` is absolute, with its variables filled in."""

    data_folder: str = ""
    applicant: str = ""
    ods_code: str = ""
    organisation: str = ""


def read(beside: Path | None = None) -> Policy:
    """The policy of this machine; ``beside`` is the program's folder, and without it there is no file.

    :raises Trouble: when what is there cannot be read or is not a policy: where the log is kept is not guessed.
    """
    found = settled(*_from_registry(), {} if beside is None else _from_file(beside / FILE))
    if folder := found.get("data_folder"):
        found["data_folder"] = _folder(folder)
    return Policy(**found)


def settled(*places: dict[str, str]) -> dict[str, str]:
    """The settings of several places, the one that counts most first; what is empty in a place counts for nothing."""
    found: dict[str, str] = {}
    for place in places:
        found = {name: text for name, text in place.items() if text} | found
    return found


def _from_file(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Trouble(
            f"The policy {path} cannot be read ({error.strerror or error}). Ask your IT department."
        ) from error
    try:
        if len(content) > _LIMIT_BYTES:
            raise ValueError("it is too large")
        import json  # noqa: PLC0415  (most machines have no such file)

        given = json.loads(content.decode("utf-8-sig"))
        if not isinstance(given, dict) or given.pop("format", None) != FORMAT:
            raise ValueError(f'it does not begin with "format": "{FORMAT}"')
        return {name: _text(name, value) for name, value in given.items()}
    except (ValueError, RecursionError) as error:  # JSON's and Unicode's errors are ValueErrors
        raise Trouble(f"The policy {path} is not as it should be: {error}. Ask your IT department.") from error


def _text(name: str, value: object) -> str:
    if name not in VALUES:
        raise ValueError(f"there is no setting {name!r}; there are {', '.join(VALUES)}")
    limit = _LIMIT_FOLDER if name == "data_folder" else _LIMIT_TEXT
    if not isinstance(value, str) or len(value) > limit or any(ord(char) < 0x20 for char in value):
        raise ValueError(f"{name} is not one line of text of at most {limit} characters")
    return value.strip()


def _from_registry() -> list[dict[str, str]]:
    """The machine's values and the user's, in this order."""
    places: list[dict[str, str]] = []
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  (Windows alone has it)

        for root, shown in (
            (winreg.HKEY_LOCAL_MACHINE, "HKEY_LOCAL_MACHINE"),
            (winreg.HKEY_CURRENT_USER, "HKEY_CURRENT_USER"),
        ):
            places.append(found := {})
            try:
                key = winreg.OpenKey(root, KEY, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Trouble(
                    f"The policy {shown}\\{KEY} cannot be read ({error}). Ask your IT department."
                ) from error
            with key:
                for name, value in VALUES.items():
                    try:
                        found[name] = _text(name, winreg.QueryValueEx(key, value)[0])
                    except FileNotFoundError:
                        continue
                    except (OSError, ValueError) as error:
                        place = f"{shown}\\{KEY}\\{value}"
                        raise Trouble(
                            f"The policy {place} is not as it should be: {error}. Ask your IT department."
                        ) from error
    return places


def _folder(text: str) -> str:
    filled = Path(re.sub(r"%([^%]+)%", lambda found: os.environ.get(found[1], found[0]), text))
    if not filled.is_absolute() or "%" in str(filled):
        raise Trouble(
            f"The policy names the data folder {text!r}, which is not a whole path. Ask your IT department."
        )
    return str(filled)
