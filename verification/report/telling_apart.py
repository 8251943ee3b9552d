"""What tells certificates apart that are of one bound, one network, one population and one sample size."""

from __future__ import annotations

import re
from collections.abc import Sequence

from genbounds.verification.report.wording import name_of
from genbounds.verification.rows.bound_row import BoundRow

_SEED = re.compile(r"seed \d+")


def distinctions(rows: Sequence[BoundRow], seeds: bool = True) -> dict[str, str]:
    """By id: the parts of a row's training that another row with the same name, network and setting does not have.

    Empty where nothing else has that name. Without ``seeds``, repetitions with another seed read the same, as on one line of a figure.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.holdout import hoeffding
    >>> certificate = hoeffding(empirical_risk=0, n=100, delta=Fraction(1, 20))
    >>> words = {"study": "s", "population": "p", "network": "a", "risk_what": "risk", "scale": "realistic"}
    >>> rows = [BoundRow.compared(certificate, Fraction(0), 100, cell=step, training=f"SGD, step {step}, seed 0", **words) for step in "12"]
    >>> sorted(distinctions(rows).values())
    ['step 1', 'step 2']
    """
    groups: dict[tuple[str, ...], list[BoundRow]] = {}
    for row in rows:
        groups.setdefault((name_of(row.certificate), row.network, row.population, str(row.n), row.risk_what), []).append(row)
    found: dict[str, str] = {}
    for group in groups.values():
        parts = {row.id: _parts(row, seeds) for row in group}
        shared = set.intersection(*(set(one) for one in parts.values()))
        found |= {identifier: ", ".join(part for part in one if part not in shared) for identifier, one in parts.items()}
    return found


def _parts(row: BoundRow, seeds: bool) -> list[str]:
    return [part for part in re.split(r"[;,] ", row.training) if seeds or not _SEED.fullmatch(part)]
