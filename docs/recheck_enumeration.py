"""Recheck an exported enumeration, with fractions alone: is the failure probability at most delta at every true risk?

    genbounds check clopper_pearson --rung "all risks" --export enumeration.json
    python recheck_enumeration.py enumeration.json

After k errors in n trials the certificate b(k) is issued, which fails where b(k) < p. The certificates do not fall in k, so that for a
risk p just above b(k - 1) exactly the counts 0, ..., k - 1 fail, with probability P(Bin(n, p) <= k - 1). That falls in p: its supremum up
to b(k) is the value at the left end, which is a double and so a fraction.
"""

import json
import sys
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any


def below(k: int, n: int, p: Fraction) -> Fraction:
    """P(Bin(n, p) < k), exactly: whole numbers over the n-th power of the denominator."""
    a, d = p.numerator, p.denominator
    return Fraction(sum(comb(n, j) * a**j * (d - a) ** (n - j) for j in range(k)), d**n)


def recheck(found: dict[str, Any]) -> tuple[Fraction, Fraction]:
    """The largest failure probability over all true risks, and the risk just above which it is found."""
    n, values = found["n"], [Fraction(value) for value in found["certificates"]]
    if len(values) != n + 1 or values != sorted(values):
        raise SystemExit("the certificates must be n + 1 numbers that do not fall")
    return max((below(k + 1, n, value), value) for k, value in enumerate(values) if value < 1)


if __name__ == "__main__":
    exported = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    supremum, risk = recheck(exported)
    delta = Fraction(exported["delta"])
    low, high = map(Fraction, exported["supremum"])
    agrees = low <= supremum <= high and float(risk) == exported["just_above_risk"]
    print(f"{exported['bound']}, n = {exported['n']}: failure probability at most {float(supremum):.6g}, just above risk {float(risk):.6g}")
    print(f"at most delta = {delta}: {supremum <= delta}; the export says the same: {agrees}")
    sys.exit(not (supremum <= delta and agrees))
