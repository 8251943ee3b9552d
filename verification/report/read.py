"""Reading a report back."""

from __future__ import annotations

import json
import os
from pathlib import Path

from genbounds.verification.rows import Report


def read_report(path: str | os.PathLike[str]) -> Report:
    """Read a ``report.json``; ``ValueError`` if it is not there, or no report."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ValueError(f"report must be an existing report.json, got {path}: make one with genbounds verify, or give --report") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"report must be a readable report.json, got {path}: {error}") from error
    try:
        return Report.from_dict(json.loads(text))
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"report must be what genbounds verify wrote, got {path}: {error!r}; make one with genbounds verify") from error
