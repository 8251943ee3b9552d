"""What the commands share: JSON, clean errors, and where reports lie."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

FINE, REFUTED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
DEFAULT_FOLDER = Path("report")
DEFAULT_REPORT = DEFAULT_FOLDER / "report.json"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A name of the catalogue, such as vc.sauer; see genbounds list.")]

P = ParamSpec("P")
T = TypeVar("T")


def clean_errors(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the library's errors into one message on stderr and exit status 2: no traceback, and no number.

    With the environment variable ``GENBOUNDS_TRACEBACK`` set, errors pass through as they are.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (ValueError, TypeError, OverflowError, ArithmeticError, OSError, RuntimeError, ImportError) as error:
            usage = type(error).__module__.startswith(("typer", "click"))  # its own errors have their own messages
            if usage or isinstance(error, BrokenPipeError) or os.environ.get("GENBOUNDS_TRACEBACK"):
                raise
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
