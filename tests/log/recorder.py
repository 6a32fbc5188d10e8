"""A process that records without pause: ``python -m tests.log.recorder FILE HOW_MANY WORD``.

Each entry's id is printed once it is recorded, and not before.
"""

from __future__ import annotations

import sys
from pathlib import Path

from linkage_gui.log import AnyEntry, Log, Person
from tests.log.examples import documents_of, example_case, example_decision, pdf


def report(entry: AnyEntry) -> None:
    """Tell that an entry is recorded."""
    sys.stdout.write(entry.id + "\n")
    sys.stdout.flush()


def main() -> None:
    """Record as many decisions as asked, each with documents and with a draft that recording clears.

    Every fourth is signed off. A draft with a document, saved before any of them, is left as it is.
    """
    path, how_many, word = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    with Log.open(path) as log:
        log.save_draft(f"{word} kept", {"title": f"{word} kept"})
        log.attach(f"{word} kept", "kept.pdf", pdf(f"{word} kept"))
        for number in range(how_many):
            title = f"{word} {number}"
            case = example_case(title, documents=(("own.pdf", "shared.pdf"),))
            contents = {"own.pdf": pdf(title) * 2000, "shared.pdf": pdf("shared")}
            log.save_draft(word, {"title": title})
            log.attach(word, "own.pdf", contents["own.pdf"])
            entry = log.record(case, example_decision(), documents_of(case, contents), draft=word)
            report(entry)
            if number % 4 == 3:
                report(log.sign_off(entry.id, Person(word, ""), agrees=True))


if __name__ == "__main__":
    main()
