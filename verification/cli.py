"""The command line: ``genbounds list, show, compute, certify, recheck, verify, cite, reproduce``.

Exit status 0: fine. 1: something was refuted, or is not a certificate. 2: wrong usage or bad input, with a message that names the input and
the remedy. 69: the workers were lost (a cluster's scheduler, or a worker process): what was finished is kept, and the same command
continues. 70: a fault of the program, which is not a verdict. 130: Ctrl-C; the program ends within 2 seconds, and finished tiles are kept.
"""

from __future__ import annotations

from typing import Annotated

import typer

from genbounds.bounds import __version__
from genbounds.verification.commands.catalogue import list_bounds, show
from genbounds.verification.commands.certify import certify
from genbounds.verification.commands.check import check, scenarios
from genbounds.verification.commands.cite import cite
from genbounds.verification.commands.compute import compute
from genbounds.verification.commands.output import INTERRUPTED
from genbounds.verification.commands.recheck import recheck
from genbounds.verification.commands.reproduce import reproduce
from genbounds.verification.commands.terminal import Group, say, say_warnings
from genbounds.verification.commands.verify import verify
from genbounds.verification.runs.interrupts import ends_soon_after_interrupt

app = typer.Typer(
    name="genbounds",
    cls=Group,
    help="Generalization bounds as certificates: with every constant, rounded up, and checked where the true risk is known.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        say(f"genbounds {__version__}")
        raise typer.Exit


@app.callback()
def _genbounds(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Generalization bounds as certificates: with every constant, rounded up, and checked where the true risk is known."""


app.command("list")(list_bounds)
app.command("show")(show)
app.command("compute")(compute)
app.command("certify")(certify)
app.command("recheck")(recheck)
app.command("check")(check)
app.command("scenarios")(scenarios)
app.command("verify")(verify)
app.command("cite")(cite)
app.command("reproduce")(reproduce)


def main() -> None:
    """Run the command line."""
    say_warnings()
    with ends_soon_after_interrupt(INTERRUPTED):
        app(prog_name="genbounds")


if __name__ == "__main__":
    main()
