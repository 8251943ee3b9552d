"""Certificates of a trained network, with every assumption audited: what each bound is given, and why that is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption, Audit, Status
from genbounds.bounds.rademacher import golowich2018frobenius, linear_l2
from genbounds.bounds.special.rounding import decimal_down, decimal_up
from genbounds.bounds.vc import dimension_relu_network, log_growth_relu_network
from genbounds.models.certifying.candidates import Candidate, constant, theorem
from genbounds.models.certifying.margin_search import candidate_margins
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.verification.checks.vacuity import informative_sample_size
from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.trained_network import TrainedNetwork

DELTA = Fraction(1, 20)
"""Every certificate holds with probability 95 %."""
RISK = "exact risk on the pool"


@dataclass(frozen=True, eq=False)
class Growing:
    """What a bound is given for one network, at the sample's size and at others.

    Args:
        at: the candidate at sample size n, all else held: the fractions, norms and margins as they were measured, ||X||_F growing like
            sqrt(n). At the sample's own n its inputs are the measured ones.
        n: the sample's size.
        empirical: the error on the examples.
        note: for the reader.
        varied: inputs that may be chosen anew at every n, as arrays of candidates (the margin and its risk).
    """

    at: Callable[[int], Candidate]
    n: int
    empirical: Fraction
    note: str = ""
    varied: Mapping[str, Array] = field(default_factory=dict)

    def certificate(self) -> Certificate:
        """The certificate at the sample's n, audited."""
        return self.at(self.n).at(DELTA)

    def informative_n(self) -> int | None:
        """The sample size at which the bound would fall below its trivial value, all else held; None beyond 1e18."""
        return informative_sample_size(lambda n: float(np.min(self.values_at(n))), start=self.n)

    def values_at(self, n: int) -> Array:
        """The bound in floats at sample size n, for every choice of the varied inputs."""
        candidate = self.at(n)
        numbers = _numbers(candidate.inputs(DELTA)) | {"delta": DELTA} | dict(self.varied)
        return np.asarray(theorem(candidate.bound).value(**numbers, **candidate.options))


def entries_of_network(trained: TrainedNetwork) -> list[Entry]:
    """One entry for each bound of the network's cell."""
    return [_entry(name, CERTIFIERS[name](trained), trained) for name in trained.cell.bounds]


def _entry(name: str, growing: Growing, trained: TrainedNetwork) -> Entry:
    certificate = growing.certificate()
    notes = [growing.note]
    if certificate.vacuous:
        n = growing.informative_n()
        notes.append("vacuous up to n = 1e18, all else held" if n is None else f"informative from n = {leading_digits(n)}, all else held")
    _, _, form = name.partition(":")
    return Entry(
        certificate=certificate,
        risk=trained.risk,
        risk_what=RISK,
        n=growing.n,
        empirical=growing.empirical,
        note="; ".join(note for note in notes if note),
        quantity=f"risk, {form} form" if form else "risk",
    )


# --- held-out draws ------------------------------------------------------------------------------------------------------------------


def _held_out(bound: str) -> Callable[[TrainedNetwork], Growing]:
    def growing(trained: TrainedNetwork) -> Growing:
        n = trained.cell.held_out
        if n < 1:
            raise ValueError(f"held_out must be at least 1 for {bound}, got {n}: give the cell held-out draws")
        errors = Fraction(trained.held_out_errors, n)
        audit: Audit = {
            a.IID_SAMPLE: ("by construction", f"{n} draws with replacement from the pool"),
            a.LOSS_IN_UNIT_INTERVAL: ("by construction", "errors are counted"),
            a.ZERO_ONE_LOSS: ("by construction", "errors are counted"),
            a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("by construction", "the draws come from a stream that training never touches"),
        }

        def inputs(size: int) -> dict[str, Any]:
            if bound == "holdout.clopper_pearson":
                return {"errors": math.ceil(errors * size), "n": size}
            return {"empirical_risk": errors, "n": size}

        note = f"trained on {leading_digits(trained.cell.n)} other draws"
        return Growing(lambda size: Candidate(bound, constant(**inputs(size)), audit), n, errors, note)

    return growing


# --- counting ------------------------------------------------------------------------------------------------------------------------


def _growth_function(trained: TrainedNetwork) -> Growing:
    widths, risk = trained.cell.widths, trained.summary.empirical_risk

    def at(n: int) -> Candidate:
        inputs = constant(empirical_risk=risk, n=n, log_growth=log_growth_relu_network(widths=widths, n=n))
        return Candidate("vc.growth_function", inputs, _counting(trained))

    return Growing(at, trained.cell.n, risk)


def _sauer(trained: TrainedNetwork) -> Growing:
    dimension, risk = dimension_relu_network(widths=trained.cell.widths), trained.summary.empirical_risk

    def at(n: int) -> Candidate:
        return Candidate("vc.sauer", constant(empirical_risk=risk, n=n, vc_dimension=dimension), _counting(trained))

    return Growing(at, trained.cell.n, risk, note=f"VC dimension at most {dimension.value}")


def _counting(trained: TrainedNetwork) -> Audit:
    return {
        **_sampled(trained),
        a.ZERO_ONE_LOSS: ("by construction", "errors are counted"),
        a.CLASS_FIXED_IN_ADVANCE: ("by construction", "all networks of these widths, fixed before the sample"),
        a.RELU_UNITS: ("by construction", "ReLU"),
    }


# --- Rademacher complexity -----------------------------------------------------------------------------------------------------------


def class_norm(radius: float, depth: int) -> float:
    """The product of Frobenius norms that a ball of this radius in all weights allows: (r^2/L)^(L/2), by the two means.

    A class is fixed by it in advance; that the trained network lies in the class is checked afterwards.

    >>> class_norm(3.0, 2)
    4.5
    """
    return math.pow(radius * radius / depth, depth / 2)


def _uniform_deviation(trained: TrainedNetwork) -> Growing:
    cell, summary = trained.cell, trained.summary
    if cell.radius is None or cell.bias or cell.widths[-1] != 1:
        raise ValueError(f"cell must be of a scalar network without biases and with a radius, got {cell}: the class is a ball of weights")
    depth = summary.depth
    norm = class_norm(cell.radius, depth)
    ramp = Quantity(ramp_risk(summary), "upper", "average ramp loss of slope 1, by counts and float64 margins rounded down, rounded up")
    inside = Fraction(summary.norm_product().value) <= Fraction(norm)  # type: ignore[arg-type]
    audit: dict[Assumption, tuple[Status, str]] = {
        **_sampled(trained),
        a.LOSS_IN_UNIT_INTERVAL: ("by construction", "ramp loss of slope 1, which is at least the 0-1 loss"),
        a.CLASS_FIXED_IN_ADVANCE: (
            "checked" if inside else "violated",
            f"networks with a product of Frobenius norms of at most {norm!r}, fixed before the sample; the trained one, rounded up, "
            f"{'is inside' if inside else 'is outside'}",
        ),
        a.COMPLEXITY_OF_LOSS_CLASS: (
            "by construction",
            "that of the networks at this sample's ||X||_F; the ramp loss is 1-Lipschitz in y f(x) (contraction)",
        ),
        a.DATA_NORM_OF_SAMPLE: ("by construction", "float64 sum of squares over this sample's counts, rounded up"),
    }
    if depth > 1:
        audit |= {
            a.HOMOGENEOUS_ACTIVATION: ("by construction", "ReLU"),
            a.NO_BIAS: ("by construction", "the network has none"),
        }

    def at(n: int) -> Candidate:
        data_norm = _data_norm(summary, n)
        complexity = (
            linear_l2(norm=norm, data_norm=data_norm, n=n)
            if depth == 1
            else golowich2018frobenius(norm_product=norm, depth=depth, data_norm=data_norm, n=n)
        )
        return Candidate("rademacher.uniform_deviation", constant(empirical_risk=ramp, complexity=complexity, n=n), audit)

    capacity = "linear_l2" if depth == 1 else "golowich2018frobenius"
    note = f"rademacher.{capacity} with norms up to {norm!r}; average ramp loss {decimal_up(float(ramp), 3)}"
    return Growing(at, cell.n, summary.empirical_risk, note=note)


def ramp_risk(summary: NetworkSummary) -> float:
    """The average over the sample of min(1, max(0, 1 - margin)), exact in whole numbers and fractions, rounded up to a double."""
    counts = np.ones(len(summary.margins), np.int64) if summary.counts is None else summary.counts
    total = Fraction(int(counts[summary.margins <= 0].sum()))
    for row in np.flatnonzero((summary.margins > 0) & (summary.margins < 1)):
        total += int(counts[row]) * (1 - Fraction(float(summary.margins[row])))
    exact = total / summary.n
    near = float(exact)
    return near if Fraction(near) >= exact else math.nextafter(near, math.inf)


# --- margins -------------------------------------------------------------------------------------------------------------------------


def _margin(bound: str, homogeneous: bool = False) -> Callable[[TrainedNetwork], Growing]:
    def growing(trained: TrainedNetwork) -> Growing:
        summary = trained.summary.augmented()
        fixed = _product_inputs(summary) if bound == "margin.norm_product" else _spectral_inputs(summary, zero_reference=homogeneous)
        candidates = candidate_margins(summary)

        audit = {**_sampled(trained), **_margin_audit(trained, zero_reference=homogeneous)}
        options = {"homogeneous": True} if homogeneous else {}

        def with_margin(margin: float) -> Growing:
            def at(n: int) -> Candidate:
                given = {"margin_risk": summary.margin_risk(margin), "margin": margin, "outputs": summary.outputs}
                return Candidate(bound, constant(**given, **fixed, data_norm=_data_norm(summary, n), n=n), audit, options=options)

            return Growing(
                at,
                summary.n,
                summary.empirical_risk,
                note=f"margin {decimal_down(margin, 3)}, chosen on the sample: the bound holds for all margins at once",
                varied={"margin": np.array(candidates), "margin_risk": np.array([float(summary.margin_risk(m)) for m in candidates])},
            )

        best = int(np.argmin(with_margin(candidates[0]).values_at(summary.n)))
        return with_margin(candidates[best])

    return growing


def _product_inputs(summary: NetworkSummary) -> dict[str, Any]:
    return {"norm_product": summary.norm_product(), "depth": summary.depth}


def _spectral_inputs(summary: NetworkSummary, zero_reference: bool) -> dict[str, Any]:
    return {
        "spectral_norms": summary.spectral_norms,
        "distances_2_1": summary.norms_2_1 if zero_reference else summary.distances_2_1,
        "lipschitz": summary.lipschitz,
        "widths": summary.widths,
    }


def _margin_audit(trained: TrainedNetwork, zero_reference: bool) -> Audit:
    biases = "the network has none"
    if trained.cell.bias:
        biases = "they are part of augmented matrices [[A, b], [0, 1]], and of inputs (x, 1)"
    reference = "zero" if zero_reference else "the initialisation, drawn from a stream of its own"
    return {
        a.MARGIN_LOSS: ("by construction", "float64 margins, rounded down by their error allowance, counted in whole numbers"),
        a.ARCHITECTURE_FIXED_IN_ADVANCE: ("by construction", "the cell's widths and ReLU, fixed before the sample"),
        a.DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE: ("by construction", "the cell's depth and ReLU, fixed before the sample"),
        a.HOMOGENEOUS_ACTIVATION: ("by construction", "ReLU"),
        a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION: ("by construction", "ReLU, constant 1"),
        a.NO_BIAS: ("by construction", biases),
        a.LIPSCHITZ_ACTIVATION: ("by construction", "ReLU, constant 1"),
        a.REFERENCE_FIXED_IN_ADVANCE: ("by construction", reference),
        a.REFERENCE_ZERO: ("by construction" if zero_reference else "violated", reference),
        a.DATA_NORM_OF_SAMPLE: ("by construction", "float64 sum of squares over this sample's counts, rounded up"),
    }


# --- shared --------------------------------------------------------------------------------------------------------------------------


def _sampled(trained: TrainedNetwork) -> Audit:
    return {a.IID_SAMPLE: ("by construction", f"{leading_digits(trained.cell.n)} draws with replacement from the pool")}


def _data_norm(summary: NetworkSummary, n: int) -> Quantity | float:
    """||X||_F, which grows like sqrt(n) from the sample's own."""
    return summary.data_norm if n == summary.n else float(summary.data_norm) * math.sqrt(n / summary.n)


def _numbers(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as numbers and arrays, for ``.value``."""
    values = {name: value.value if isinstance(value, Quantity) else value for name, value in inputs.items()}
    return {name: np.array([float(entry) for entry in value]) if isinstance(value, tuple) else value for name, value in values.items()}


def leading_digits(n: int) -> str:
    """A whole number for people: in full up to 9999, else its two leading digits, rounded up.

    >>> leading_digits(1200), leading_digits(3_410_000_000), leading_digits(100_000)
    ('1200', '3.5e9', '1e5')
    """
    if n < 10**4:
        return str(n)
    power = len(str(n)) - 2
    leading = -(-n // 10**power)
    if leading == 100:
        leading, power = 10, power + 1
    digits = f"{leading // 10}.{leading % 10}".removesuffix(".0")
    return f"{digits}e{power + 1}"


CERTIFIERS: dict[str, Callable[[TrainedNetwork], Growing]] = {
    "holdout.hoeffding": _held_out("holdout.hoeffding"),
    "holdout.chernoff_kl": _held_out("holdout.chernoff_kl"),
    "holdout.clopper_pearson": _held_out("holdout.clopper_pearson"),
    "vc.growth_function": _growth_function,
    "vc.sauer": _sauer,
    "rademacher.uniform_deviation": _uniform_deviation,
    "margin.norm_product": _margin("margin.norm_product"),
    "margin.spectral": _margin("margin.spectral"),
    "margin.spectral:homogeneous": _margin("margin.spectral", homogeneous=True),
    "margin.bartlett2017spectral": _margin("margin.bartlett2017spectral"),
}
"""What certifies a network, by the name of the bound and, after a colon, of its form."""
