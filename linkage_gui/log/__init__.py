"""The log: one SQLite file that keeps every decision, with its case and its evidence.

Entries are only ever added. Each holds the hash of the one before it, so a
change anywhere shows (:meth:`Log.verify`). Importing this package is cheap:
what opening the file needs is imported when it is opened. No Qt.
"""

from linkage_gui.log.documents import LIMIT_DOCUMENT_BYTES, Document, read_document
from linkage_gui.log.entry import (
    FORMAT,
    GENESIS,
    LIMIT_NAME,
    LIMIT_TEXT,
    AnyEntry,
    Elsewhere,
    Entry,
    Kept,
    Note,
    Origin,
    Person,
    Row,
    SignOff,
    Withdrawal,
)
from linkage_gui.log.keptpage import KeptPage
from linkage_gui.log.log import Draft, Log
from linkage_gui.log.names import Role
from linkage_gui.log.once import Claims, Decided
from linkage_gui.log.register import COUNTED, OTHER_DATASET, Filter, Key, Line, Page, Sort
from linkage_gui.log.state import InForce, Standing, State
from linkage_gui.log.trouble import DraftElsewhere, LogTrouble, NoEntry
from linkage_gui.log.verification import Verification

__all__ = [
    "COUNTED",
    "FORMAT",
    "GENESIS",
    "LIMIT_DOCUMENT_BYTES",
    "LIMIT_NAME",
    "LIMIT_TEXT",
    "OTHER_DATASET",
    "AnyEntry",
    "Claims",
    "Decided",
    "Document",
    "Draft",
    "DraftElsewhere",
    "Elsewhere",
    "Entry",
    "Filter",
    "InForce",
    "Kept",
    "KeptPage",
    "Key",
    "Line",
    "Log",
    "LogTrouble",
    "NoEntry",
    "Note",
    "Origin",
    "Page",
    "Person",
    "Role",
    "Row",
    "SignOff",
    "Sort",
    "Standing",
    "State",
    "Verification",
    "Withdrawal",
    "read_document",
]
