"""Bounds by held-out examples and by counting that a summary has the inputs for, and why others do not apply."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from genbounds.bounds import Bound, Certificate, Quantity, catalogue, get
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Audit, Status
from genbounds.bounds.vc import dimension_relu_network, dimension_sigmoid_network, log_growth_relu_network
from genbounds.models.measuring.network_summary import NetworkSummary

PIECEWISE_LINEAR = frozenset({"relu", "leaky_relu", "identity"})
GROWTH = "vc.growth_function"
RELATIVE_GROWTH, REALIZABLE_GROWTH = "vc.relative_deviation_growth", "vc.realizable_growth"
OVERSHADOWED = frozenset({"vc.vapnik_chervonenkis1971", "vc.bousquet2004introduction", "vc.shalev_shwartz2014growth"})
"""``vc.sauer`` is at most as large as each of these at every delta up to 1/2: (2 a + b)^2 <= 5 (a^2 + b^2), and they have 16 (A^2 + B^2)
under the root with A >= a, B >= b; the last has 1/delta outside it.
"""
COUNTED: Audit = {
    a.ZERO_ONE_LOSS: ("by construction", "errors are counted; a tie is an error"),
    a.LOSS_IN_UNIT_INTERVAL: ("by construction", "errors are counted"),
}
DECLARED_IID: Audit = {a.IID_SAMPLE: ("declared", "the examples are independent draws from the population that the risk refers to")}


@dataclass(frozen=True)
class Candidate:
    """A bound in one form, ready to be read at any delta.

    Args:
        bound, form, options: which bound, in which form, for the reader and for the call.
        inputs: what it is given at delta.
        audit: what is known of its assumptions.
        may_win: False where another candidate is at most as large always.
        at_size: the inputs at another number of examples with all else equal: the shares of errors and of margins, the norms, the root mean
            square of the data; None where that means nothing.
    """

    bound: str
    inputs: Callable[[Fraction], Mapping[str, Any]]
    audit: Audit
    form: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    may_win: bool = True
    at_size: Callable[[int], Callable[[Fraction], Mapping[str, Any]]] | None = None

    def at(self, delta: Fraction) -> Certificate:
        """The certificate at this delta, audited, with the form as its note."""
        return replace(self._computed(self.inputs(delta), delta).audited_where_made(self.audit), note=self.form)

    def value_at_size(self, n: int, delta: Fraction) -> float:
        """The certified value at n examples, all else equal."""
        assert self.at_size is not None
        return self._computed(self.at_size(n)(delta), delta).value

    def _computed(self, inputs: Mapping[str, Any], delta: Fraction) -> Certificate:
        with np.errstate(all="ignore"):  # of the searches in floats, whose outcome the ball arithmetic judges
            return theorem(self.bound)(**inputs, **self.options, delta=delta)


def theorem(name: str) -> Bound:
    """The bound of that name."""
    found = get(name)
    assert isinstance(found, Bound)
    return found


def constant(**inputs: Any) -> Callable[[Fraction], Mapping[str, Any]]:
    """Inputs that are the same at every delta."""
    return lambda delta: inputs


# --- held-out examples ---------------------------------------------------------------------------------------------------------------


def held_out(errors: int, n: int) -> list[Candidate]:
    """Bounds from errors on examples that training never saw.

    Clopper-Pearson's inverts the binomial tail exactly and is at most as large as every other bound here, so it alone stands for them where
    the best is chosen.
    """
    audit: Audit = {
        **DECLARED_IID,
        **COUNTED,
        a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("declared", "training and model selection never saw the held-out examples"),
        a.UNBIASED_VARIANCE: ("by construction", "k (n - k) / (n (n - 1)) for k errors"),
    }
    risk = Fraction(errors, n)

    def sized(bound: str, inputs: Callable[[int], Mapping[str, Any]], may_win: bool = False) -> Candidate:
        return Candidate(bound, constant(**inputs(n)), audit, "held out", may_win=may_win, at_size=lambda m: constant(**inputs(m)))

    found = [
        sized("holdout.clopper_pearson", lambda m: {"errors": math.ceil(risk * m), "n": m}, may_win=True),
        sized("holdout.chernoff_kl", lambda m: {"empirical_risk": risk, "n": m}),
        sized("holdout.hoeffding", lambda m: {"empirical_risk": risk, "n": m}),
    ]
    if n >= 2:

        def with_variance(m: int) -> Mapping[str, Any]:
            """The unbiased variance of a share of ones among m."""
            return {"empirical_risk": risk, "variance": risk * (1 - risk) * Fraction(m, m - 1), "n": m}

        found.append(sized("holdout.empirical_bernstein", with_variance))
    return found


# --- counting ------------------------------------------------------------------------------------------------------------------------


def counting(summary: NetworkSummary, reasons: dict[str, str]) -> list[Candidate]:
    """Growth functions and VC dimensions of the architecture; ``reasons`` collects what does not apply."""
    names = (GROWTH, *(bound.name for bound in catalogue("vc") if isinstance(bound, Bound) and bound.name != GROWTH))
    widths, obstacle = _dense_widths(summary)
    hidden = set(summary.activations[:-1])
    if obstacle is None and hidden <= PIECEWISE_LINEAR:
        audit = _class_audit(hidden, f"all piecewise linear networks of widths {'-'.join(map(str, widths))} with biases", summary)
        found = _with_growth(summary, partial(log_growth_relu_network, widths=widths), audit)
        if summary.outputs > 1:
            by_dimension = [name for name in names[1:] if name not in (RELATIVE_GROWTH, REALIZABLE_GROWTH)]
            reasons |= dict.fromkeys(by_dimension, f"{summary.outputs} classes, and VC dimensions are those of one output: see {GROWTH}")
            return found
        return found + _with_dimension(summary, dimension_relu_network(widths=widths), audit, names[1:])
    if obstacle is None and hidden <= {"sigmoid", "tanh"} and not any(summary.is_block):
        by_growth = (GROWTH, RELATIVE_GROWTH, REALIZABLE_GROWTH)
        reasons |= dict.fromkeys(by_growth, "sigmoid units: the catalogue has their VC dimension, not their growth function")
        if summary.outputs > 1:
            reasons |= dict.fromkeys(names[1:], f"{summary.outputs} classes, and VC dimensions are those of one output")
            return []
        audit = _class_audit(hidden, f"all sigmoid networks of widths {'-'.join(map(str, widths))} with biases", summary)
        parameters = sum(after * (before + 1) for before, after in itertools.pairwise(widths))
        dimension = dimension_sigmoid_network(parameters=parameters, units=sum(widths[1:]))
        return _with_dimension(summary, dimension, audit, names[1:])
    if obstacle is None:
        obstacle = f"activations {', '.join(sorted(hidden))}: the catalogue has no growth function or VC dimension for them"
    reasons |= dict.fromkeys(names, obstacle)
    return []


def _with_growth(summary: NetworkSummary, growth: Callable[..., Quantity], audit: Audit) -> list[Candidate]:
    """Bounds that read the growth function at n or at 2n."""
    form, risk = "growth function of the architecture", _risk(summary)

    def at_n(n: int) -> Callable[[Fraction], Mapping[str, Any]]:
        return constant(empirical_risk=risk, n=n, log_growth=growth(n=n))

    def at_2n(n: int) -> Callable[[Fraction], Mapping[str, Any]]:
        return constant(empirical_risk=risk, n=n, log_growth_2n=growth(n=2 * n))

    def realizable(n: int) -> Callable[[Fraction], Mapping[str, Any]]:
        return _without_errors(summary, n=n, log_growth_2n=growth(n=2 * n))

    return [
        Candidate(GROWTH, at_n(summary.n), audit, form, at_size=at_n),
        Candidate(RELATIVE_GROWTH, at_2n(summary.n), audit, f"{form} at 2n", at_size=at_2n),
        Candidate(REALIZABLE_GROWTH, realizable(summary.n), audit, f"{form} at 2n", at_size=realizable),
    ]


def _with_dimension(summary: NetworkSummary, dimension: Quantity, audit: Audit, names: tuple[str, ...]) -> list[Candidate]:
    form, risk, found = f"VC dimension at most {int(dimension.value)}", _risk(summary), []  # type: ignore[arg-type]

    def agnostic(n: int) -> Callable[[Fraction], Mapping[str, Any]]:
        return constant(empirical_risk=risk, n=n, vc_dimension=dimension)

    def realizable(n: int) -> Callable[[Fraction], Mapping[str, Any]]:
        return _without_errors(summary, n=n, vc_dimension=dimension)

    for name in names:
        wanted = set(theorem(name).inputs)
        if wanted == {"empirical_risk", "n", "vc_dimension", "delta"}:
            may_win = name not in OVERSHADOWED
            found.append(Candidate(name, agnostic(summary.n), audit, form, may_win=may_win, at_size=agnostic))
        if wanted == {"n", "vc_dimension", "delta"}:
            found.append(Candidate(name, realizable(summary.n), audit, form, at_size=realizable))
    return found


def _without_errors(summary: NetworkSummary, **inputs: Any) -> Callable[[Fraction], Mapping[str, Any]]:
    """The inputs of a bound for networks that make no error on the sample."""

    def checked(delta: Fraction) -> Mapping[str, Any]:
        if summary.errors:
            raise ValueError(f"holds for networks without training errors, got {summary.errors}")
        return inputs

    return checked


def _dense_widths(summary: NetworkSummary) -> tuple[tuple[int, ...], str | None]:
    """The widths of the dense network of which this one is a special case, and why there is none."""
    if not summary.activations:
        return summary.widths, "network that is not a chain of layers (sums, concatenations, recurrence, attention)"
    shapes = summary.layer_shapes or tuple((after, before) for before, after in itertools.pairwise(summary.widths))
    widths = (shapes[0][1], *(outputs for outputs, _ in shapes))
    if any(inputs != width for (_, inputs), width in zip(shapes, widths, strict=False)):
        return widths, "layers between which entries are pooled or left out"
    return widths, None


def _class_audit(hidden: set[str], description: str, summary: NetworkSummary) -> Audit:
    kinds = sorted(set(summary.layer_kinds) - {"linear"})
    special = f", of which {', '.join(kinds)} layers are special cases" if kinds else ""
    units: tuple[Status, str] = ("checked", f"activations: {', '.join(sorted(hidden)) or 'none'}")
    return {
        **DECLARED_IID,
        **COUNTED,
        a.CLASS_FIXED_IN_ADVANCE: ("declared", f"{description}{special}: chosen before the sample was seen"),
        a.NO_ERROR_ON_SAMPLE: ("checked", f"{summary.errors} of {summary.n} examples are errors, ties counted"),
        a.RELU_UNITS: units,
        a.LOGISTIC_UNITS: units,
    }


def _risk(summary: NetworkSummary) -> Quantity:
    how = "errors counted at margins rounded down, over n"
    return Quantity(summary.empirical_risk, "upper" if summary.errors_undecided else "exact", how)
