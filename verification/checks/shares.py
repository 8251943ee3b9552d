"""How often each check may raise a false alarm: the one table of a report, declared before any draw.

A report refutes a bound that holds with probability at most ``ALPHA``, whichever studies it has. So every study has its share, those that
run on request included, whether they run or not; within a study the share is divided among its checks, whose number is fixed beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from genbounds.verification.checks.coverage import ALPHA

SHARES: Mapping[str, Fraction] = {
    "matrix": Fraction(3, 16),
    "coverage": Fraction(1, 4),
    "procedure": Fraction(1, 8),
    "stability": Fraction(1, 8),
    "perceptron": Fraction(1, 16),
    "networks": Fraction(1, 32),
    "scale": Fraction(1, 32),
    "pac_bayes": Fraction(1, 32),
    "compression": Fraction(1, 32),
    "mnist": Fraction(1, 64),
    "fashion_mnist": Fraction(1, 64),
    "kinds": Fraction(1, 32),
}
"""Parts of ``ALPHA``; with those of the phenomena at most 1. Those that plan their draws for a power have the larger ones."""
PHENOMENA = Fraction(1, 16)
"""What the studies of phenomena have together: most of their verdicts rest on no draw."""
MOST_PHENOMENA = 32
"""So many studies of phenomena share it at most."""
EXACT = frozenset({"enumeration", "faults"})
"""Studies whose verdicts rest on no draw: they raise no false alarm."""


def phenomenon_share() -> float:
    """The false-alarm probability of one study of a phenomenon.

    >>> phenomenon_share()
    1.953125e-06
    """
    return float(PHENOMENA / MOST_PHENOMENA * Fraction(str(ALPHA)))


def share(study: str) -> float:
    """The false-alarm probability of a study.

    Raises:
        ValueError: a study that has no share; the message says where to give it one.

    >>> share("matrix"), share("enumeration")
    (0.0001875, 0.0)
    """
    if study in EXACT:
        return 0.0
    if study not in SHARES:
        raise ValueError(f"study must have its share of the report's false alarms, got {study!r}: enter it in checks/shares.py")
    return float(SHARES[study] * Fraction(str(ALPHA)))
