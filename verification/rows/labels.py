"""What a number is about, in one line: its name, without its value."""

from __future__ import annotations

from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.kinds import Row


def label(row: Row) -> str:
    """What a row is about, so that no two rows of a report read the same: it stands beside the id in ``report.json``.

    >>> print(label(BracketRow(study="s", cell="c", population="digits", network="dense", training="SGD", parameters=10, lower=2, upper=3)))
    Lipschitz constant of dense; digits; training: SGD
    """
    if isinstance(row, BoundRow):
        form = f" ({row.certificate.form})" if row.certificate.form else ""
        return f"{row.bound}{form}, {row.quantity}: {row.network}; {row.population}, n = {row.n}; training: {row.training}"
    if isinstance(row, BracketRow):
        return f"{row.quantity} of {row.network}; {row.population}; training: {row.training}"
    if isinstance(row, CoverageRow):
        return f"{row.bound}, {row.quantity}: {row.population}"
    if isinstance(row, EnumerationRow):
        return f"{row.bound}, {row.quantity}: n = {row.n}, delta = {row.delta}"
    return f"{row.bound}, {row.quantity}"
