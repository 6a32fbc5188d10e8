"""The log: one SQLite file that keeps every decision, with its case and its evidence.

Entries are only ever added. Each holds the hash of the one before it, so a
change anywhere shows (:meth:`Log.verify`). Importing this package is cheap:
what opening the file needs is imported when it is opened. No Qt.
"""

from linkage_gui.log.documents import LIMIT_DOCUMENT_BYTES, Document, read_document
from linkage_gui.log.entry import FORMAT, GENESIS, Entry, Kept, Row
from linkage_gui.log.log import Draft, Log
from linkage_gui.log.trouble import LogTrouble, NoEntry
from linkage_gui.log.verification import Verification

__all__ = [
    "FORMAT",
    "GENESIS",
    "LIMIT_DOCUMENT_BYTES",
    "Document",
    "Draft",
    "Entry",
    "Kept",
    "Log",
    "LogTrouble",
    "NoEntry",
    "Row",
    "Verification",
    "read_document",
]
