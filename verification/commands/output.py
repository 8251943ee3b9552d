"""What the commands share: JSON, clean errors, and where reports lie."""

from __future__ import annotations

import functools
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

FINE, REFUTED, WRONG_USAGE, FAULT, INTERRUPTED = 0, 1, 2, 70, 130
"""Exit statuses. Python's own for an exception is 1, which would read as a verdict; a fault of the program has one that is none."""
USAGE = (ValueError, TypeError, OverflowError, ArithmeticError, OSError, RuntimeError, ImportError)
"""What the library raises for what it was given, or for what is missing."""
DEFAULT_FOLDER = Path("report")
DEFAULT_REPORT = DEFAULT_FOLDER / "report.json"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A name of the catalogue, such as vc.sauer; see genbounds list.")]

P = ParamSpec("P")
T = TypeVar("T")


def clean_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the library's errors into one message on stderr and exit status 2: no traceback, and no number.

    Any other error is a fault of the program: a traceback, and exit status 70, never a verdict's. With the environment variable
    ``GENBOUNDS_TRACEBACK`` set, the errors of usage have their traceback as well.
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
                traceback.print_exc()
                typer.echo("genbounds: this is a fault of genbounds, and no verdict: please report it with the lines above", err=True)
                raise typer.Exit(FAULT) from error
            if os.environ.get("GENBOUNDS_TRACEBACK"):
                traceback.print_exc()
            notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
            remedy = ": pip install 'genbounds[verify]' brings it" if _not_installed(error) else ""
            typer.echo(f"genbounds: {error}{remedy}{notes}", err=True)
            raise typer.Exit(WRONG_USAGE) from error

    return wrapped


def _not_installed(error: Exception) -> bool:
    return isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("genbounds")


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
