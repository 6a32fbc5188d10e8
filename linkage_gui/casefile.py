"""What comes with a case file: the documents beside it. And what goes out: the decision with its entry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from linkage_gui.faults import Trouble
from rules.reading import find_document

if TYPE_CHECKING:
    from pathlib import Path

    from linkage_gui.log import Document, Entry
    from rules.case import Case
    from rules.decision import Decision


LIMIT_TOGETHER = 200 * 1024 * 1024
"""The most bytes that the documents of one case may have together: 200 MiB."""


def documents_of(case: Case, folder: Path) -> dict[str, Document]:
    """The documents that a case names, by the path under which it names them, from the folder of its file.

    :raises NoDocument: when one is not there any more.
    :raises Trouble: when one is not such as the log keeps, or they are too large together.
    """
    from linkage_gui.log import read_document  # noqa: PLC0415  (only a case that is recorded needs the log)

    read: dict[Path, Document] = {}
    documents: dict[str, Document] = {}
    for path in dict.fromkeys(path for agreement in case.agreements for path in agreement.documents):
        file = find_document(folder, path)
        if file not in read:
            read[file] = read_document(file)
            if sum(len(document.content) for document in read.values()) > LIMIT_TOGETHER:
                raise Trouble(
                    f"The documents of this case have more than {LIMIT_TOGETHER // 1024**2} MiB together, the most "
                    "that one entry takes. Save them smaller, or give their references alone."
                )
        documents[path] = read[file]
    return documents


def decision_form(decision: Decision, entry: Entry | None) -> dict[str, Any]:
    """The decision as ``linkage-decision/1``, with ``entry`` when it was recorded."""
    form: dict[str, Any] = msgspec.to_builtins(decision)
    if entry is not None:
        form["entry"] = {
            "id": entry.id,
            "number": entry.number,
            "hash": entry.hash,
            "recorded_at": utc(entry.recorded_at),
        }
    return form


def utc(moment: datetime) -> str:
    """An aware moment as the formats write it: UTC, ISO 8601 with milliseconds and ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
