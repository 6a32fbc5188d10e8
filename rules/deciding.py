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
    decision = _decide_twice(case, edition)
    changes = find_changes(case, edition, decision, lambda other: preview(other, edition))
    if changes.leads_to is not None and _decide_twice(changes.leads_to, edition).outcome != "supported":
        raise _no_decision(case, edition, "the changes that were found do not lead to support")
    return msgspec.structs.replace(decision, changes=changes.things)


def preview(case: Case, edition: Edition) -> Decision:
    """Where a case stands, by the plain evaluator alone, without changes and trace.

    For showing while somebody types, and for trying changes out: never an
    answer to give or to keep.

    :raises NoDecision: when there is no clear answer.
    """
    coding = Coding(case, edition)
    conclusions = _evaluator().run(coding.facts, coding.calendar)
    try:
        return assemble(coding, conclusions, trace=False)
    except Unclear as error:
        raise _no_decision(case, edition, str(error)) from error


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(RULES)


@lru_cache(maxsize=1)
def _evaluator() -> Evaluator:
    return Evaluator(RULES)


def _decide_twice(case: Case, edition: Edition) -> Decision:
    coding = Coding(case, edition)
    plain = _evaluator().run(coding.facts, coding.calendar)
    try:
        engine = _engine().run(coding.facts, coding.calendar)
        if difference := _difference(engine, plain):
            raise _no_decision(case, edition, difference)
        return assemble(coding, engine)
    except (EngineFault, Unclear) as error:
        raise _no_decision(case, edition, str(error)) from error


def _difference(engine: Conclusions, plain: Conclusions) -> str:
    """In what the two sets of conclusions differ, by the rules that fired; blank when they are the same."""
    one, other = _fired(engine), _fired(plain)
    if one == other and len(engine.firings) == len(plain.firings):
        return ""
    rules = sorted({firing[0] for firing in one ^ other}) or ["a rule that fired twice"]
    return f"the engine and the evaluator do not agree on {', '.join(rules)}"


def _fired(conclusions: Conclusions) -> set[tuple[str, ...]]:
    return {
        (firing.rule.id, firing.concluded.text, *(fact.text for fact in firing.facts))
        for firing in conclusions.firings
    }


def _no_decision(case: Case, edition: Edition, what: str) -> NoDecision:
    digest = hashlib.sha256(case_json(case)).hexdigest()
    return NoDecision(
        f"There is no decision: {what}. This is a fault in the program, not in the case. "
        f"Please report it with these: rule base {RULE_BASE.version} ({RULE_BASE.sha256[:12]}), "
        f"edition {edition.name} ({edition.sha256[:12]}), case {digest[:12]}."
    )
