"""Where the data folder is when nobody says: where platformdirs has it, which is asked in odd cases alone."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import pytest

from linkage_gui import paths


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere platformdirs is always asked")
@pytest.mark.parametrize("home", ["/home/somebody", "/home/somebody/", "relative", "", None])
@pytest.mark.parametrize("share", ["/data/share", "/data/share/", "relative", "", None])
def test_the_users_own_folder_is_where_platformdirs_has_it(
    monkeypatch: pytest.MonkeyPatch, home: str | None, share: str | None
) -> None:
    monkeypatch.delenv(paths.ENVIRONMENT_VARIABLE, raising=False)
    for name, value in (("HOME", home), ("XDG_DATA_HOME", share)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert paths.data_folder() == Path(platformdirs.user_data_path("linkage-gui", appauthor=False))
