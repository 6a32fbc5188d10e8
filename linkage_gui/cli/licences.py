"""What the program is made of."""

from __future__ import annotations

import click


@click.command("licences")
def licences() -> None:
    """The licences of all that the program is made of."""
    from linkage_gui import shipped  # noqa: PLC0415  (slow, and for this alone)

    click.echo(shipped.licences(), nl=False)
