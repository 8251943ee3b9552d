"""What the commands share: JSON, clean errors, and where reports lie."""

from __future__ import annotations

import functools
import json
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
    """Turn the library's errors into one message on stderr and exit status 2: no traceback, and no number."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (ValueError, TypeError, OverflowError, ArithmeticError, OSError, RuntimeError) as error:
            if isinstance(error, BrokenPipeError) or type(error).__module__.startswith(("typer", "click")):
                raise
            notes = "".join(f"\n  {note}" for note in getattr(error, "__notes__", ()))
            typer.echo(f"genbounds: {error}{notes}", err=True)
            raise typer.Exit(WRONG_USAGE) from error

    return wrapped


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
