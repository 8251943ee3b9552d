"""Reading a report back."""

from __future__ import annotations

import json
import os
from pathlib import Path

from genbounds.verification.rows.rows import Report


def read_report(path: str | os.PathLike[str]) -> Report:
    """Read a ``report.json``; ``ValueError`` if it is not there, no report, or one that contradicts its own numbers.

    >>> import tempfile
    >>> from genbounds.verification.report.write import write_report
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_report(Report("nothing yet", {}, ()), folder)["report.json"]
    ...     read_report(path).title
    'nothing yet'
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ValueError(f"report must be an existing report.json, got {path}: make one with genbounds verify, or give --report") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"report must be a readable report.json, got {path}: {error}") from error
    try:
        return Report.from_dict(json.loads(text))
    except RecursionError:
        raise ValueError(
            f"report must be what genbounds verify wrote, got {path}, nested too deeply; make one with genbounds verify"
        ) from None
    except json.JSONDecodeError as error:
        raise ValueError(
            f"report must be JSON as genbounds verify wrote it, got {path}: {error}; make one with genbounds verify"
        ) from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"report must be what genbounds verify wrote, got {path}: {error!r}; make one with genbounds verify") from error
