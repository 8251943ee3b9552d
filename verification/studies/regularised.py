"""Exact minimisers of the regularised logistic risk: uniform stability with proved constants, and the certificate that follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds import assumptions as a
from genbounds.bounds.holdout import chernoff_kl
from genbounds.bounds.special.kl import kl
from genbounds.bounds.special.rounding import decimal_up
from genbounds.bounds.stability import bousquet_elisseeff2002, regularized_erm
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.learners.linear_models import UNIT_ROUNDOFF, logistic_constants, loss_range, minimise, norm_bound
from genbounds.verification.populations import population
from genbounds.verification.rows.bound_row import BoundRow, Scale
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import Result, digest
from genbounds.verification.studies.entries import NO_POWER

DELTA = Fraction(1, 20)
SHARE = share("stability") / 2
"""False-alarm probability of these rows together. The other half of the study's is that of its expected gaps."""


@dataclass(frozen=True)
class RegularisedCell:
    """A linear network that minimises average logistic loss + (mu/2) ||w||^2 over n draws; mu is ``strong_convexity``, fixed beforehand."""

    population: str
    n: int
    strong_convexity: Fraction
    scale: Scale
    seed: int = 0

    @property
    def training(self) -> str:
        """The training in words."""
        return f"exact minimiser of average logistic loss + ({self.strong_convexity / 2}) ||w||^2, by Newton's method"


CELLS = (
    RegularisedCell("digits_0_vs_rest", 1200, Fraction(1), "realistic"),
    RegularisedCell("digits_0_vs_rest", 10**9, Fraction(1, 100), "non-vacuous"),
    RegularisedCell("separable", 1200, Fraction(1, 10), "realistic"),
    RegularisedCell("separable", 10**7, Fraction(1, 100), "non-vacuous"),
)


def measure(cell: RegularisedCell) -> dict[str, Any]:
    """The average loss of the minimiser on its sample and over the pool, and how far each may be from that of the exact minimiser."""
    pool = population(cell.population)
    counts = pool.sample_counts(digest(cell), cell.n)
    found = minimise(pool.inputs, pool.labels, counts, float(cell.strong_convexity), pool.input_radius)
    wrong = np.asarray(pool.inputs @ found.weights * pool.labels <= 0)
    return {
        "sample_risk": found.sample_risk,
        "pool_risk": found.pool_risk,
        "error": found.error + pool.input_radius * found.distance * (1 + 4 * UNIT_ROUNDOFF),
        "norm": float(np.linalg.norm(found.weights)),
        "pool_errors": int(wrong.sum()),
    }


def bound_of_minimiser(population_name: str, n: int, strong_convexity: Fraction, sample_risk: float, error: float) -> Certificate:
    """The certificate for the exact minimiser, of which the risk on the sample is known up to ``error``."""
    radius = population(population_name).input_radius
    lipschitz, _ = logistic_constants(radius)
    largest = f"||x|| <= {decimal_up(radius, 5)} over the whole pool"
    stability = regularized_erm(
        lipschitz=Quantity(lipschitz, "upper", f"{largest}; the derivative of the loss in y <w, x> is at most 1"),
        strong_convexity=strong_convexity,
        n=n,
    )
    upper = math.nextafter((sample_risk + error) * (1 + 4 * UNIT_ROUNDOFF), math.inf)
    found = bousquet_elisseeff2002(
        empirical_risk=Quantity(upper, "upper", "float64 sum over the sample, with its rounding error and that of the minimiser"),
        stability=stability,
        n=n,
        delta=DELTA,
        loss_range=loss_range(radius, strong_convexity),
    )
    return found.audited(
        {
            a.IID_SAMPLE: ("by construction", f"{n} draws with replacement from the pool"),
            a.BOUNDED_LOSS: (
                "by construction",
                f"||w|| <= {decimal_up(norm_bound(radius, strong_convexity), 5)}, which the penalty enforces, and {largest}",
            ),
            a.UNIFORM_STABILITY: (
                "by construction",
                f"stability.regularized_erm: {decimal_up(radius, 5)}-Lipschitz convex loss, {strong_convexity}-strongly convex objective",
            ),
            a.CONVEX_LOSS: ("by construction", "ln(1 + exp(-y <w, x>)) is convex in w"),
            a.LIPSCHITZ_LOSS: ("checked", f"{largest}, and the derivative of the loss in y <w, x> is at most 1"),
            a.STRONGLY_CONVEX_OBJECTIVE: (
                "by construction",
                f"the penalty is {strong_convexity}/2 ||w||^2; the bound is that of the exact minimiser, and the distance to it is paid",
            ),
            a.OBJECTIVE_OF_AVERAGE: ("by construction", "the loss and the penalty are constants of the study; over all w"),
            a.ALGORITHM_FIXED_IN_ADVANCE: ("by construction", "the exact minimiser of this objective, whatever the sample"),
            a.DETERMINISTIC_ALGORITHM: (
                "by construction",
                f"the minimiser is unique; the computed one is so near to it that losses differ by at most {decimal_up(error, 1)}",
            ),
        }
    )


def rows(found: Sequence[tuple[RegularisedCell, Result, dict[str, Any]]]) -> list[Row]:
    """One row a seed. A bound that fails in k of r independent samples is refuted if that has probability at most ``SHARE`` over
    the number of settings.
    """
    made = [(cell, result, words, _certificate(cell, result)) for cell, result, words in found]
    below = sum(certificate.value < _risk(result).lower for _, result, _, certificate in made)
    least, chance = (float(special.bdtrc(count - 1, len(made), float(DELTA))) if count else 1.0 for count in (len(made), below))
    verdict = Verdict.REFUTED if chance <= SHARE / len(CELLS) else Verdict.NOT_REFUTED
    judged = f"below the risk in {below} of {len(made)} independent samples"
    if least > SHARE / len(CELLS):
        judged += f"; {NO_POWER}"
    return [_row(*parts, verdict, judged) for parts in made]


def _certificate(cell: RegularisedCell, result: Result) -> Certificate:
    return bound_of_minimiser(cell.population, cell.n, cell.strong_convexity, result["sample_risk"], result["error"])


def _risk(result: Result) -> Interval:
    risk, error = result["pool_risk"], result["error"] * (1 + 4 * UNIT_ROUNDOFF)
    method = "sum over the pool, with its rounding error and that of the minimiser"
    return Interval(max(0.0, math.nextafter(risk - error, 0.0)), math.nextafter(risk + error, math.inf), method)


def _row(cell: RegularisedCell, result: Result, words: dict[str, Any], certificate: Certificate, verdict: Verdict, judged: str) -> BoundRow:
    pool, risk, largest = population(cell.population), _risk(result), float(certificate.trivial or 1)
    share = risk.middle / largest
    row = BoundRow(
        certificate=certificate,
        risk=risk,
        risk_what="exact logistic risk on the pool",
        n=cell.n,
        network=f"{pool.inputs.shape[1]}-1 linear, without biases",
        verdict=verdict,
        empirical=result["sample_risk"],
        baseline=largest * float(chernoff_kl.value(empirical_risk=share, n=cell.n, delta=float(DELTA))),
        held_out_equivalent=held_out_points(share, certificate.value / largest),
        bits_of_slack=math.log2(certificate.value / risk.middle),
        note=(
            f"a loss in [0, {decimal_up(largest, 4)}]: held-out points are judged by the Chernoff-kl bound of the loss over its range; "
            f"{result['pool_errors']} of {pool.size} points of the pool are misclassified; {judged}"
        ),
        **words,
    )
    return replace(row, held_out_equivalent=0) if certificate.vacuous else row


def held_out_points(risk: float, bound: float) -> int | None:
    """The least m at which m held-out points with this average give a Chernoff-kl bound as low, for a loss in [0, 1]: ln(1/delta) / kl.

    >>> held_out_points(0.0, 0.5)
    5
    """
    if bound >= 1:
        return 0
    if bound <= risk:
        return None
    return math.ceil(math.log(1 / float(DELTA)) / float(kl(risk, bound)) * (1 - 1e-15))
