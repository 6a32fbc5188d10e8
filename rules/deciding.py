"""Deciding a case: the rules worked out twice, compared, and the decision put together.

case ─▶ coded facts ─┬▶ engine    ─┬▶ the same conclusions? ─▶ decision
                     └▶ evaluator ─┘
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from rules.assembling import Unclear, assemble
from rules.base import RULE_BASE, RULES
from rules.case import Case, case_json
from rules.changes import find_changes
from rules.engine import Engine, EngineFault
from rules.evaluator import Conclusions, Evaluator
from rules.facts import Coding

if TYPE_CHECKING:
    from rules.decision import Decision
    from rules.edition import Edition

__all__ = ["RULE_BASE", "NoDecision", "decide", "preview"]


class NoDecision(Exception):
    """The rules could not be relied on for this case: there is no decision. A fault of ours.

    The message says what happened and what to report.
    """


def decide(case: Case, edition: Edition) -> Decision:
    """The decision on a case under an edition of the guidance.

    The rules are worked out by durable_rules and by the plain evaluator. Any
    thread may call this.

    :raises NoDecision: when the two differ, or either gives no clear answer.
    """
    plain = _Plain(case, edition)
    decision = plain.assembled(plain.confirmed())
    tried = {case: (plain, decision)}  # what would change the answer is looked for in few cases, each several times

    def again(other: Case) -> Decision:
        if other not in tried:
            looked_at = _Plain(other, edition)
            tried[other] = looked_at, looked_at.assembled(looked_at.conclusions, trace=False)
        return tried[other][1]

    changes = find_changes(case, edition, decision, again)
    if changes.leads_to is not None:
        if again(changes.leads_to).outcome != "supported":
            raise _no_decision(case, edition, "the changes that were found do not lead to support")
        tried[changes.leads_to][0].confirmed()
    return msgspec.structs.replace(decision, changes=changes.things)


def preview(case: Case, edition: Edition) -> Decision:
    """Where a case stands, by the plain evaluator alone, without changes and trace.

    For showing while somebody types, and for trying changes out: never an
    answer to give or to keep.

    :raises NoDecision: when there is no clear answer.
    """
    plain = _Plain(case, edition)
    return plain.assembled(plain.conclusions, trace=False)


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(RULES)


@lru_cache(maxsize=1)
def _evaluator() -> Evaluator:
    return Evaluator(RULES)


class _Plain:
    """A case as the plain evaluator sees it."""

    def __init__(self, case: Case, edition: Edition) -> None:
        self._coding = Coding(case, edition)
        self.conclusions = _evaluator().run(self._coding.facts, self._coding.calendar)

    def confirmed(self) -> Conclusions:
        """The engine's conclusions, when they are the same.

        :raises NoDecision: when they are not.
        """
        coding = self._coding
        try:
            engine = _engine().run(coding.facts, coding.calendar)
        except EngineFault as error:
            raise _no_decision(coding.case, coding.edition, str(error)) from error
        if difference := _difference(engine, self.conclusions):
            raise _no_decision(coding.case, coding.edition, difference)
        return engine

    def assembled(self, conclusions: Conclusions, *, trace: bool = True) -> Decision:
        """The decision, without changes.

        :raises NoDecision: when there is no clear answer.
        """
        try:
            return assemble(self._coding, conclusions, trace=trace)
        except Unclear as error:
            raise _no_decision(self._coding.case, self._coding.edition, str(error)) from error


def _difference(engine: Conclusions, plain: Conclusions) -> str:
    """In what the two sets of conclusions differ, by the rules that fired; blank when they are the same."""
    one, other = _fired(engine), _fired(plain)
    if one == other and len(engine.firings) == len(plain.firings):
        return ""
    rules = sorted({firing[0] for firing in one ^ other}) or ["a rule that fired twice"]
    return f"the engine and the evaluator do not agree on {', '.join(rules)}"


def _fired(conclusions: Conclusions) -> set[tuple[str, ...]]:
    return {
        (rule.id, concluded.text, *[fact.text for fact in facts]) for rule, facts, concluded in conclusions.firings
    }


def _no_decision(case: Case, edition: Edition, what: str) -> NoDecision:
    digest = hashlib.sha256(case_json(case)).hexdigest()
    return NoDecision(
        f"There is no decision: {what}. This is a fault in the program, not in the case. "
        f"Please report it with these: rule base {RULE_BASE.version} ({RULE_BASE.sha256[:12]}), "
        f"edition {edition.name} ({edition.sha256[:12]}), case {digest[:12]}."
    )
