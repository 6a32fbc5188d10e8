"""Assessments that begin with answers: those of a case file, of a recorded decision, or of the sample.

Each becomes a draft with documents of its own. Everything here runs on the worker's thread.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from linkage_gui.log import Document, Draft, Log
    from rules.edition import Editions

SAMPLE = "cold-homes.json"
"""The sample's case file, among the examples."""


class NotTakenUp(Trouble):
    """A case file that breaks rules of its format. ``problems`` are all of them."""

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{name} has {count}. Nothing was taken up: mend the file, then open it again.")
        self.problems = problems


def from_case_file(file: Path, today: date, editions: Editions) -> Callable[[Log], Draft]:
    """The case in a file, ``linkage-case/1``, with the documents beside it."""

    def work(log: Log) -> Draft:
        import msgspec  # noqa: PLC0415  (slow: only on this thread)

        from linkage_gui.casefile import documents_of  # noqa: PLC0415
        from rules.case import LIMIT_BYTES  # noqa: PLC0415
        from rules.reading import CaseRefused, NoDocument, decoded, read_case  # noqa: PLC0415

        try:
            with file.open("rb") as opened:
                data = opened.read(LIMIT_BYTES + 1)
        except OSError as error:
            raise Trouble(f"{file} cannot be read ({error.strerror or error}). Choose a file that can be.") from error
        try:
            case, _ = read_case(data, today=today, folder=file.parent, editions=editions)
            documents = documents_of(case, file.parent)
        except CaseRefused as refused:
            told = tuple(f"{path}: {message}" if path else message for path, message in refused.problems)
            raise NotTakenUp(file.name, told) from refused
        except NoDocument as gone:
            raise Trouble(str(gone)) from gone
        answers: dict[str, Any] = msgspec.to_builtins(case)
        given = decoded(data)
        if not isinstance(given, dict) or given.get("assessed_on") is None:
            del answers["assessed_on"]
        return _keep(log, answers, documents)

    return work


def from_decision(entry_id: str) -> Callable[[Log], Draft]:
    """The case of a recorded decision, with its documents, to be assessed on the day that it is decided."""

    def work(log: Log) -> Draft:
        import msgspec  # noqa: PLC0415  (slow: only on this thread)

        from linkage_gui.log import Document  # noqa: PLC0415

        entry = log.entry(entry_id)
        answers: dict[str, Any] = msgspec.to_builtins(entry.case)
        del answers["assessed_on"]
        documents = {kept.path: Document(kept.name, log.document(kept.sha256)) for kept in entry.documents}
        return _keep(log, answers, documents)

    return work


def sample(today: date, editions: Editions) -> Callable[[Log], Draft]:
    """The sample, from the example that comes with the program."""

    from importlib import resources  # noqa: PLC0415  (Home is painted without it)

    def work(log: Log) -> Draft:
        with resources.as_file(resources.files("resources").joinpath("examples")) as folder:
            return from_case_file(folder / SAMPLE, today, editions)(log)

    return work


def _keep(log: Log, answers: dict[str, Any], documents: Mapping[str, Document]) -> Draft:
    """A new draft with these answers and documents, or none when it cannot be kept whole."""
    from linkage_gui.session import PATHS  # noqa: PLC0415

    draft_id = uuid.uuid4().hex
    try:
        kept = {
            path: log.attach(draft_id, document.name, document.content).path for path, document in documents.items()
        }
        for agreement in answers.get("agreements", ()):
            if "documents" in agreement:
                agreement["documents"] = list(dict.fromkeys(kept[path] for path in agreement["documents"]))
        del answers["format"]
        log.save_draft(draft_id, {"answers": answers, "done": list(PATHS)})
        return log.draft(draft_id)
    except BaseException:
        with log.watched(lambda *_: None, lambda: False):  # also when it was stopped
            log.delete_draft(draft_id)
        raise
