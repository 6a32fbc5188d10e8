"""The rule base: NHS England's guidance as data, and the rules that decide a case under it.

Knows nothing of windows, logs or files kept by the program. Start with
:mod:`rules.case` (what is asked), :mod:`rules.decision` (what is answered)
and :mod:`rules.deciding` (how).
"""
