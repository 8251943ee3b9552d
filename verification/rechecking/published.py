"""Published certificates whose inputs are known, as data: the table of the documentation, and what the tests compute again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genbounds.bounds.bibliography import author_year
from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.rechecking.recheck import Recheck, Validity, recheck

READ = "inputs and value read in the source"
CODE = "inputs read in the published code, value recalled"
RECALLED = "recalled"


@dataclass(frozen=True)
class PublishedNumber:
    """One number of one paper.

    Args:
        source: its key in ``references.bib``.
        what: the row of its table.
        printed: the certificate as printed.
        bound: the catalogue name of the theorem that it claims.
        inputs: as printed (texts of measured inputs are rounded), with ``draws`` and ``draws_delta`` where a Monte-Carlo step is charged.
        known: where the numbers are from: read in the source, or recalled, so that a mismatch may be ours.
        why: what makes the two numbers differ, or agree.
    """

    source: str
    what: str
    printed: str
    bound: str
    known: str
    why: str
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def recheck(self) -> Recheck:
        """The number computed again."""
        return recheck(self.printed, bound=self.bound, **self.inputs)


def _dziugaite_roy(network: str, printed: str, risk: str, kl: str, why: str) -> PublishedNumber:
    """A column of their table; n = 55 000 and delta = .025 throughout."""
    inputs = {"empirical_risk": risk, "kl": kl, "n": 55_000, "delta": "0.025"}
    what = f"binary MNIST, stochastic network {network}"
    return PublishedNumber("dziugaite2017computing", what, printed, "pac_bayes.seeger2002", RECALLED, why, inputs)


_AS_BOUNDED = "if the training error already holds the Monte-Carlo term"
PUBLISHED = (
    _dziugaite_roy("T-600", "0.161", "0.028", "5144", f"agrees {_AS_BOUNDED}"),
    PublishedNumber(
        "dziugaite2017computing",
        "T-600 again, its training error taken as an average over 150 000 draws, delta' = .01",
        "0.161",
        "pac_bayes.seeger2002",
        RECALLED,
        "the printed number leaves no room for a Monte-Carlo term on top",
        {"empirical_risk": "0.028", "kl": "5144", "n": 55_000, "delta": "0.025", "draws": 150_000, "draws_delta": "0.01"},
    ),
    _dziugaite_roy("T-1200", "0.179", "0.027", "5977", "the printed number is larger than its inputs ask for"),
    _dziugaite_roy("T-300^2", "0.170", "0.027", "5791", f"agrees {_AS_BOUNDED}"),
    _dziugaite_roy("T-600^2", "0.186", "0.028", "6534", f"agrees {_AS_BOUNDED}"),
    _dziugaite_roy("T-1200^2", "0.223", "0.029", "8558", f"agrees {_AS_BOUNDED}"),
    _dziugaite_roy(
        "T-600^3", "0.201", "0.027", "7861", "the recalled inputs do not fit the recalled bound: read the paper before saying more"
    ),
    _dziugaite_roy(
        "R-600 (random labels)",
        "1.352",
        "0.112",
        "201131",
        "vacuous; the printed number is Pinsker's deviation sqrt(c/2) = 1.352 without the training error, and the kl inverse is below 1",
    ),
    PublishedNumber(
        "germain2015risk",
        "majority vote, example of their code: Gibbs risk .2, disagreement .3, KL 2",
        "0.360433",
        "pac_bayes.germain2015pac_bound_2",
        CODE,
        "the code maximises numerically and stops 3e-6 below the supremum, which is the bound",
        {"empirical_risk": "2/10", "disagreement": "3/10", "kl": 2, "n": 1000, "delta": "0.05"},
    ),
    PublishedNumber(
        "kawaguchi2017generalization",
        "validation bound, a billion candidates, C = 1, gamma^2 = 1",
        "0.0694",
        "holdout.kawaguchi2017validation",
        RECALLED,
        "agrees; with the variance that a 0-1 loss can have, 1/4, the bound is .0355",
        {"empirical_risk": 0, "candidates": 10**9, "n": 10_000, "delta": "0.1", "variance_bound": 1},
    ),
)
"""In the order of the page. Printed numbers whose inputs are not known stand on the page with what follows from them alone."""


def table() -> str:
    """The records as the table of ``docs/published.md``: printed, computed again, verdict, why.

    >>> table().splitlines()[2].split(" | ")[2:5]
    ['0.161', '0.159671 to 0.161615', 'consistent at the printed precision']
    """
    head = "| source | what | printed | computed again | verdict for these inputs | why | numbers |\n|---|---|---|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(_cells(record))} |\n" for record in PUBLISHED)


def _cells(record: PublishedNumber) -> list[str]:
    found = record.recheck()
    low, high = (decimal_up(certificate.value, 6) for certificate in (found.least, found.most))
    value = low if low == high else f"{low} to {high}"
    verdict = f"**{found.verdict}**" if found.verdict is Validity.NOT_VALID else str(found.verdict)
    return [author_year(record.source), record.what, record.printed, value, verdict, record.why, record.known]
