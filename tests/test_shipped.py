"""What the program says that it is made of: where it runs from Python, and beside an installed program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linkage_gui import __version__, paths, shipped
from linkage_gui.cli import run
from linkage_gui.faults import Trouble


def test_the_licence_of_every_package_is_whole(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["licences"]) == 0
    said = capfd.readouterr().out
    assert said == shipped.licences()
    head, *texts = said.split("=" * 100 + "\n")
    titles, texts = texts[::2], texts[1::2]
    for one in shipped.shipped():
        assert f"{one.name} {one.version}".strip() + f": {one.licence}" in head
        assert any(title.startswith(f"{one.name} {one.version}".strip()) for title in titles)
    assert {f"linkage-gui {__version__}, LICENSE\n", "DejaVuSans font\n", "OpenSans font\n"} <= set(titles)
    assert all(text.strip() for text in texts)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed program."""
    monkeypatch.setattr(paths, "program_folder", lambda: tmp_path)
    return tmp_path


def test_an_installed_program_says_what_stands_beside_it(installed: Path) -> None:
    (installed / shipped.LICENCES).write_text("All of it\n", encoding="utf-8")
    parts = [
        {"name": "linkage-gui", "version": "1", "licenses": [{"expression": "MIT"}]},
        {"name": "zlib", "licenses": [{"expression": "Zlib"}]},
    ]
    listed = {"metadata": {"component": parts[0]}, "components": parts[1:]}
    (installed / shipped.PARTS).write_text(json.dumps(listed), encoding="utf-8")
    assert shipped.licences() == "All of it\n"
    assert shipped.shipped() == [shipped.Shipped("linkage-gui", "1", "MIT"), shipped.Shipped("zlib", "", "Zlib")]


def test_an_installed_program_without_its_licences_says_so(
    installed: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Trouble, match="Install Linkage GUI again"):
        shipped.shipped()
    assert run(["licences"]) == 1
    assert "Install Linkage GUI again" in capfd.readouterr().err


def test_no_module_asks_where_its_own_file_is() -> None:
    """An installed program has its modules packed in one file, and folders such as ``resources`` beside it."""
    folder = Path(paths.__file__).parent
    asking = [file.relative_to(folder) for file in folder.rglob("*.py") if "__file__" in file.read_text("utf-8")]
    assert asking == []
