"""Reading a report back."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from genbounds.verification.rows.consistency import changed_since
from genbounds.verification.rows.report import Report


def read_report(path: str | os.PathLike[str], *, older: bool = False) -> Report:
    """Read a ``report.json``; ``ValueError`` if it is not there, no report, or one that contradicts its own numbers.

    A report of an older catalogue is refused as well, unless it is asked for with ``older``: then certificates may lack assumptions that
    their theorems have gained since, and those of an older version of genbounds may have other numbers. Whoever reads one says of each
    row what ``consistency.changed_since`` says.

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
        report = Report.from_dict(json.loads(text), older=older)
        _check_asked(report)
        return report
    except json.JSONDecodeError as error:
        raise ValueError(
            f"report must be JSON as genbounds verify wrote it, got {path}: {error}; make one with genbounds verify"
        ) from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    except Exception as error:  # JSON that is nested too deeply, rows without what rows have
        words = f"{type(error).__name__}: {error}"[:200]
        raise ValueError(f"report must be what genbounds verify wrote, got {path} ({words}); make one with genbounds verify") from error


def read_of_today(path: str | os.PathLike[str]) -> tuple[Report, tuple[str, ...]]:
    """A report, of an older catalogue as well, without the certificates that are not of today's; and a sentence for each of those.

    For whatever computes with certificates or prints them, such as a table: what was left out, and why, must be said. ``ValueError`` as
    ``read_report``.

    >>> import tempfile
    >>> from genbounds.verification.report.write import write_report
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report, left_out = read_of_today(write_report(Report("nothing yet", {}, ()), folder)["report.json"])
    >>> report.title, left_out
    ('nothing yet', ())
    """
    report = read_report(path, older=True)
    changes = {row.id: changed_since(row) for row in report.rows}
    said = (
        f"{row.id} is left out: it is not a certificate of today's {row.bound}: {'; '.join(changes[row.id])}"
        for row in report.rows
        if changes[row.id]
    )
    return replace(report, rows=tuple(row for row in report.rows if not changes[row.id])), tuple(said)


def _check_asked(report: Report) -> None:
    """What a report was asked for is what reproducing it starts from."""
    full, seed, revisions = (report.asked.get(name, default) for name, default in (("full", False), ("seed", 0), ("revisions", {})))
    if type(full) is not bool or type(seed) is not int or seed < 0 or not isinstance(revisions, dict):
        raise ValueError(
            "asked must hold full, true or false, a seed of at least 0 and revisions by study, got something else: not a report"
        )
