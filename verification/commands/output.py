"""What the commands share: JSON, clean errors, and where reports lie."""

from __future__ import annotations

import functools
import json
import os
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from genbounds.verification.commands.terminal import escaped, say, shortened

FINE, REFUTED, WRONG_USAGE, LOST, FAULT, INTERRUPTED = 0, 1, 2, 69, 70, 130
"""Exit statuses. Python's own for an exception is 1, which would read as a verdict; a fault of the program has one that is none, and so
have a cluster or a worker process that was lost, after which the same command continues, and Ctrl-C."""
USAGE = (ValueError, TypeError, OverflowError, ArithmeticError, OSError, RuntimeError, ImportError)
"""What the library raises for what it was given, or for what is missing."""
DEFAULT_FOLDER = Path("report")
REPORTS = (DEFAULT_FOLDER / "report.json", Path("report.json"))
"""Where a report is looked for if none is named: where ``genbounds verify`` writes it, and in the current folder itself."""


def complete_name(incomplete: str) -> list[str]:
    """What the shell offers where a name of the catalogue stands: whole names, and bare ones where they are unique.

    >>> complete_name("holdout.hoef"), complete_name("sau")
    (['holdout.hoeffding'], ['sauer'])
    """
    from genbounds.bounds import catalogue

    names = [formula.name for formula in catalogue()]
    bare = Counter(name.partition(".")[2] for name in names)
    short = [name for name, count in bare.items() if count == 1 and incomplete]
    return [name for name in [*names, *short] if name.startswith(incomplete)]


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A name of the catalogue, such as vc.sauer; see genbounds list.", autocompletion=complete_name)
]
FromReport = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="A report.json; by default report/report.json, or report.json if that is not there."),
]

P = ParamSpec("P")
T = TypeVar("T")


def clean_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the library's errors into one message on stderr and exit status 2: no traceback, and no number.

    Workers that were lost have exit status 69, and Ctrl-C has 130. Any other error is a fault of the program: a traceback, and exit status
    70, never a verdict's. With the environment variable ``GENBOUNDS_TRACEBACK`` set, the errors of usage have their traceback as well.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            own = type(error).__module__.startswith("typer")  # typer's errors have their own messages
            if own or isinstance(error, BrokenPipeError):
                raise
            if not isinstance(error, USAGE):
                say(traceback.format_exc().rstrip(), err=True)
                say("genbounds: this is a fault of genbounds, and no verdict: please report it with the lines above", err=True)
                raise typer.Exit(FAULT) from error
            if os.environ.get("GENBOUNDS_TRACEBACK"):
                say(traceback.format_exc().rstrip(), err=True)
            notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
            say(shortened(f"genbounds: {_missing(error) or error}{notes}"), err=True)
            raise typer.Exit(LOST if _is_lost(error) else WRONG_USAGE) from error
        except KeyboardInterrupt:
            say("genbounds: interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None

    return wrapped


def _is_lost(error: Exception) -> bool:
    from genbounds.verification.runs.workers import WorkersLostError

    return isinstance(error, WorkersLostError)


def _missing(error: Exception) -> str | None:
    """What to do about a library that is not there: ``pip install .`` brings what the catalogue needs, and no torch."""
    if not isinstance(error, ModuleNotFoundError) or (error.name or "genbounds").startswith("genbounds"):
        return None
    return f"this command needs {error.name}, which is not installed: pip install 'genbounds[verify]' brings it"


def report_here(named: Path | None) -> Path:
    """The report that was named, else the first of ``REPORTS`` that is there; if none is, where one would be."""
    return named or next((path for path in REPORTS if path.is_file()), REPORTS[0])


def print_json(value: Any) -> None:
    """Print a value as JSON, in which what a terminal may obey is written as JSON writes it."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    say("".join(one if one == "\n" or escaped(one) == one else _in_json(one) for one in text))


def _in_json(one: str) -> str:
    return r"\u007f" if one == "\x7f" else json.dumps(one)[1:-1]
