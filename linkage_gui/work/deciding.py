"""A case decided and recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from linkage_gui.faults import Trouble
from linkage_gui.work.drafts import Overtaken, overtaken_told

if TYPE_CHECKING:
    from linkage_gui.log import Entry, Log
    from rules.edition import Editions


class Refused(Trouble):
    """The answers are not a whole case on the day that they would be decided for."""


def decide_and_record(
    draft_id: str, seen: datetime | None, answers: dict[str, Any], day: date, editions: Editions
) -> Callable[[Log], Entry]:
    """Decide a case as on a day, under the edition in force then, and record it with its documents.

    Its draft, last ``seen`` as it is, is cleared.
    """

    def work(log: Log) -> Entry:
        from rules.deciding import decide  # noqa: PLC0415  (slow: only on this thread)
        from rules.reading import CaseRefused, check_case  # noqa: PLC0415

        try:
            case, edition = check_case(answers, today=day, editions=editions)
        except CaseRefused as refused:
            raise Refused(str(refused)) from refused
        with overtaken_told():
            now = log.draft(draft_id).updated_at
        if now != seen:
            raise Overtaken("That draft was changed in another window, and is left as it is there.")
        decision = decide(case, edition)
        named = [path for agreement in case.agreements for path in agreement.documents]
        attached = log.attached(draft_id) if named else {}
        for path in named:
            if path not in attached:
                advice = "Remove it from its agreement and attach it again."
                raise Trouble(f"The draft no longer holds the document {path}. {advice}")
        documents = {path: attached[path] for path in named}
        with overtaken_told():
            return log.record(case, decision, documents, draft=draft_id)

    return work
