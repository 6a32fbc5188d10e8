"""What comes with a case file: the documents beside it. And what goes out: the decision with its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from rules.reading import find_document

if TYPE_CHECKING:
    from pathlib import Path

    from linkage_gui.log import Document, Entry
    from rules.case import Case
    from rules.decision import Decision


def documents_of(case: Case, folder: Path) -> dict[str, Document]:
    """The documents that a case names, by the path under which it names them, from the folder of its file.

    :raises NoDocument: when one is not there any more.
    :raises LogTrouble: when one is not such as the log keeps.
    """
    from linkage_gui.log import read_document  # noqa: PLC0415  (only a case that is recorded needs the log)

    named = dict.fromkeys(path for agreement in case.agreements for path in agreement.documents)
    return {path: read_document(find_document(folder, path)) for path in named}


def decision_form(decision: Decision, entry: Entry | None) -> dict[str, Any]:
    """The decision as ``linkage-decision/1``, with ``entry`` when it was recorded."""
    form: dict[str, Any] = msgspec.to_builtins(decision)
    if entry is not None:
        form["entry"] = {
            "id": entry.id,
            "number": entry.number,
            "hash": entry.hash,
            "recorded_at": entry.recorded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
    return form
