"""The rules, in the order in which a reader would look for them.

A rule says what follows for any edition of the guidance. What one edition
says of one dataset (its purposes, uses and agreements) is data in
``rules/editions``, not a rule.
"""

from __future__ import annotations

import hashlib

import msgspec

from rules.base import advice, agreements, outcome, parties, purposes, scope
from rules.decision import RuleBase
from rules.rule import Rule, lint

VERSION = "1.0.1"
"""The rule base's version: raised whenever a rule, or how facts are worked out, changes."""

RULES: tuple[Rule, ...] = (
    *scope.RULES,
    *purposes.RULES,
    *parties.RULES,
    *agreements.RULES,
    *outcome.RULES,
    *advice.RULES,
)
"""Every rule, in the order of the rule book."""

lint(RULES)

RULE_BASE = RuleBase(
    version=VERSION,
    sha256=hashlib.sha256(msgspec.json.encode(RULES, order="sorted")).hexdigest(),
)
"""The rule base's version, and the SHA-256 of its declarations."""


def rule_named(rule_id: str) -> Rule:
    """The rule with that id; :class:`KeyError` when there is none."""
    return {rule.id: rule for rule in RULES}[rule_id]
