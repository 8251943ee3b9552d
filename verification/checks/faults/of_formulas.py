"""The faults of formulas that are found in published code, one line each, and what stands for each among the generated faults.

A line names an operator, and a theorem and a scenario (of a capacity: a small world) in which faults of that operator are caught; or the
fault in ``listed`` that stands for it, where it lies in no formula. Where some place of the line is caught by nothing, ``reason`` says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from genbounds.bounds import Bound, Capacity, get
from genbounds.verification.checks.faults import listed
from genbounds.verification.checks.faults.capacities import directly, settings_of
from genbounds.verification.checks.faults.counts import counted
from genbounds.verification.checks.faults.generated import faults
from genbounds.verification.checks.faults.killing import Killed, Trial, fate, in_bound, on_trial
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario


@dataclass(frozen=True)
class Place:
    """Where an operator is tried: a bound in a scenario, or a capacity in a small world; only faults whose words have ``where``."""

    theorem: str
    world: str
    where: str = ""


@dataclass(frozen=True)
class Line:
    """A fault of formulas.

    Attributes:
        name: the fault, in words.
        operator: the operator that makes it; empty if it lies in no formula.
        caught: where a fault of that operator is caught.
        elsewhere: a place that the line names, where it is not.
        listed: the name of the fault in ``listed`` that stands for it, in which a check finds it.
        reason: why the line itself, or the place ``elsewhere``, is caught by nothing.
    """

    name: str
    operator: str = ""
    caught: Place | None = None
    elsewhere: Place | None = None
    listed: str = ""
    reason: str = ""


_FIXED = "fixed hypothesis"
_RELU, _PIECES = "log_growth_relu_network", "log_growth_piecewise_polynomial_network"
_READING = "patterns of ReLU networks that read bits"

LINES: tuple[Line, ...] = (
    Line("a logarithm dropped", "term dropped", Place("finite_class", "best of a class", "without math.log_quotient")),
    Line("the union dropped", "union dropped", Place("finite_class", "best of a class")),
    Line("log10 for ln", "log10 for ln", Place("hoeffding", _FIXED)),
    Line(
        "log2 for ln",
        "log2 for ln",
        elsewhere=Place("hoeffding", _FIXED),
        reason="ln x < log2 x: what it says is larger where a logarithm of the confidence is read so, and true",
    ),
    Line("delta for delta/2", "delta for 2 delta", Place("clopper_pearson", _FIXED)),
    Line(
        "delta for 2 delta",
        "delta for delta/2",
        elsewhere=Place("hoeffding", _FIXED),
        reason="half of delta asks for more: what it says is larger, and true",
    ),
    Line("n for 2n", "n for 2n", Place("hoeffding", _FIXED)),
    Line("n for 4n", "n for 4n", Place("hoeffding", _FIXED)),
    Line("a missing square root", "square root dropped", Place("hoeffding", _FIXED)),
    Line("kl with reversed arguments", "arguments swapped", Place("chernoff_kl", _FIXED, "kl reversed")),
    Line("kl inverse rounded to the midpoint", listed=listed.KL_TO_THE_MIDPOINT),
    Line(
        "log(2 sqrt n)/delta for log(2 sqrt n/delta)",
        "ln(x)/y for ln(x/y)",
        Place("hoeffding", _FIXED),
        elsewhere=Place("mcallester", "point posterior"),
        reason="ln(x)/delta >= ln(x/delta) wherever x >= e, so from n = 2 on the fault says more than McAllester's bound, and is true",
    ),
    Line("half the KL", "KL or complexity halved", Place("seeger2002", "crowd of voters")),
    Line(
        "McAllester without its +2",
        "term dropped",
        Place("mcallester2003", "point posterior", "without kl in"),
        elsewhere=Place("mcallester2003", "point posterior", "without 2 in"),
        reason="from n = 4 on it lies above pac_bayes.mcallester, since ln n >= ln(2 sqrt n) there, and is true",
    ),
    Line("transposed (2,1) norm", listed=listed.TRANSPOSED_2_1),
    Line(
        "Frobenius for spectral",
        listed=listed.SPECTRAL_FOR_FROBENIUS,
        reason="the Frobenius norm is the larger one, and bounds grow with spectral norms: what they say then is true",
    ),
    Line("max ||x|| without its square", "square dropped", Place("novikoff", "perceptron run")),
    Line("Clopper-Pearson on the wrong side", "lower for upper limit", Place("clopper_pearson", _FIXED)),
    Line("k for k + 1", "k for k + 1", Place("clopper_pearson", _FIXED)),
    Line(
        "0-1 variance with ddof 0",
        "ddof 0",
        elsewhere=Place("empirical_bernstein", _FIXED),
        reason="what it says is true: the constant 7/3 leaves room for more than the part 1/n of the variance (the proof is in proved.py)",
    ),
    Line("W_i that is not cumulative", "running sum dropped", Place(_RELU, _READING)),
    Line(
        "Q of the ReLU VC bound (its sum of i k_i) without the factor i",
        "factor i dropped",
        elsewhere=Place("dimension_relu_network", "dimension of ReLU networks that read bits"),
        reason="where R bits are read of each of many weights through one number, layers of k_i units turn a sign at most prod (k_i + 1) "
        "times: so R <= sum of log2(k_i + 1), and with the fault each layer i > 1 still allows log2(2 e R k_i) bits. No such network comes "
        "near, whatever its depth. For equal widths the fault leaves 61 % (10 000 layers of 2 units) and more of the bound, and the VC "
        "dimension that is proved in general, W L log2(W/L)/640 (Bartlett et al. 2019, Theorem 3), is below a 400th of what it leaves",
    ),
    Line(
        "the degree of a piece left out",
        "term dropped",
        Place(_PIECES, "patterns of polynomials that read bits", "without before * math.power"),
    ),
)
"""Every line on formulas."""


def tried(operator: str, place: Place) -> Iterator[Killed]:
    """What becomes of the faults of an operator at a place."""
    theorem = get(place.theorem)
    planted = [fault for fault in faults(theorem) if fault.operator == operator and place.where in fault.where]
    if isinstance(theorem, Capacity):
        known = [one for one in settings_of(theorem, "thumbnail") if one[0].small.name == place.world]
        yield from (one for fault in planted for one in directly(fault, known))
    else:
        yield from (fate(fault, in_bound(fault), _trial(place.theorem, place.world)) for fault in planted)


@cache
def _trial(name: str, place: str) -> Trial:
    """The worlds of a scenario for a bound; several lines share them."""
    bound = get(name)
    assert isinstance(bound, Bound)
    found = match(bound, scenario(place))
    counts = counted(found)
    return on_trial([found], "thumbnail", [bound], [] if counts is None else [counts])
