"""The HTML in a browser, checked by axe-core. For where both are, as in CI."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from linkage_gui.log import Log, Person
from linkage_gui.summary.html import html
from linkage_gui.summary.letters import letters
from linkage_gui.summary.report import register_report
from tests.paper.papers import AT, TODAY, case_of, hard_case, paper_of, recorded

_RUN = """
<script>{axe}</script>
<script>
axe.run().then(function (found) {{
  var told = document.createElement("pre");
  told.id = "found-by-axe";
  told.textContent = JSON.stringify({{violations: found.violations, incomplete: found.incomplete.map(function (one) {{
    return one.id;
  }}), passes: found.passes.length}});
  document.body.appendChild(told);
}});
</script>
</body>"""


def axe() -> str:
    """The source of axe-core: what ``LINKAGE_GUI_AXE`` names, else what an installed package has."""
    if named := os.environ.get("LINKAGE_GUI_AXE"):
        return Path(named).read_text(encoding="utf-8")
    for package in ("axe_playwright_python", "axe_core_python"):
        found = importlib.util.find_spec(package)
        for folder in (found.submodule_search_locations or []) if found else []:
            if (file := Path(folder) / "axe.min.js").exists():
                return file.read_text(encoding="utf-8")
    pytest.skip("axe-core is not here: set LINKAGE_GUI_AXE to an axe.min.js")


def checked(text: str, folder: Path) -> dict[str, Any]:
    """What axe-core finds in a document as Chromium has it."""
    source = axe()
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        if "LINKAGE_GUI_AXE" in os.environ:
            pytest.fail("axe-core is asked for, and there is no Chromium to run it in")
        pytest.skip("there is no Chromium")
    # The paper itself lets no script run, so what says so is taken out for the one that checks.
    text, count = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n', "", text)
    assert count == 1
    page = folder / "page.html"
    page.write_text(text.replace("</body>", _RUN.format(axe=source)), encoding="utf-8")
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
         "--window-size=1000,1000", "--virtual-time-budget=60000", "--dump-dom", page.as_uri()],
        capture_output=True, check=True, timeout=240,
    )  # fmt: skip
    (told,) = re.findall(r'<pre id="found-by-axe">(.*?)</pre>', done.stdout.decode(), re.DOTALL)
    found: dict[str, Any] = json.loads(unescape(told))
    return found


def test_axe_finds_nothing_in_any_paper(log: Log, tmp_path: Path) -> None:
    entry = recorded(log, hard_case())
    outstanding = recorded(log, case_of("wakefield-housing"))
    recorded(log, case_of("supported"))
    log.sign_off(entry.id, Person("Jo", "SIRO"), agrees=True)
    log.withdraw(entry.id, Person("Jo", "SIRO"), "Left.")
    papers = [
        paper_of(log, entry),
        paper_of(log, outstanding),
        letters(outstanding, log.state(outstanding.id, TODAY), log.history(outstanding.id), AT)[0].paper,
        register_report(log, AT),
    ]
    for paper in papers:
        found = checked(html(paper), tmp_path)
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
        assert found["passes"] > 10


def test_axe_would_find_something(tmp_path: Path) -> None:
    head = '<head><meta http-equiv="Content-Security-Policy" content="x">\n<title>T</title></head>'
    body = '<body><img src="a.png"><h3>x</h3></body>'
    found = checked(f"<!DOCTYPE html><html>{head}{body}</html>", tmp_path)
    assert {"html-has-lang", "image-alt"} <= {one["id"] for one in found["violations"]}
