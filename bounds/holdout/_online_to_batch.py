from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ONLINE_LOSSES
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import MEAN_RISK_OF_ITERATES
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import UNIT
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_COMMON: dict[str, Any] = {
    "bounds_on": MEAN_RISK_OF_ITERATES,
    "assumes": (IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ONLINE_LOSSES),
    "symbols": {"online_risk": r"\widehat{M}_n", "n": "n", "delta": r"\delta"},
    "domains": {"online_risk": UNIT.meaning_is("average of the online losses, each of the hypothesis before it saw the example")},
    "increasing": ("online_risk",),
    "decreasing": ("n", "delta"),
    "holds_for": "the iterate drawn uniformly from h_0..h_{n-1}, given the sample",
}


@bound(
    source=Source("cesabianchi2004generalization", "Proposition 1, with the constant of Azuma and Hoeffding"),
    provenance=DERIVED,
    form="derived",
    **_COMMON,
)
def online_to_batch(math: World, *, online_risk: Number, n: Number, delta: Number) -> Terms:
    r"""The mean risk of the iterates of one online pass over n examples is at most the average online loss plus sqrt(ln(1/delta) / (2 n)).

    Derivation. The sums of R(h_{t-1}) - loss_t form a martingale whose differences, given the past, lie in an interval of length 1. Azuma's
    inequality in Hoeffding's form gives the statement. ``form="printed"`` is Proposition 1 of the source: its deviation sqrt(2 ln(1/delta)
    / n) is twice the one derived here, so it holds as well. ``progressive_validation`` is better where the online loss is small.

    Inputs: ``online_risk``, the average of the losses that each iterate had on the next example; ``n``, the length of the pass; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(online_risk=0, n=1000, delta=Fraction(1, 20))
    >>> round(online_to_batch(**inputs).value, 13), round(online_to_batch(**inputs, form="printed").value, 12)
    (0.038702275602, 0.077404551204)
    """
    return {"online risk": online_risk, "deviation": math.sqrt(math.log_quotient(1, delta) / (2 * n))}


@online_to_batch.other_form("printed", provenance=DERIVED, source=Source("cesabianchi2004generalization", "Proposition 1"))
def _online_to_batch_printed(math: World, *, online_risk: Number, n: Number, delta: Number) -> Terms:
    return {"online risk": online_risk, "deviation": math.sqrt(2 * math.log_quotient(1, delta) / n)}


@bound(source=Source("cesabianchi2008improved", "the risk tail bound with the constant 36"), provenance=DERIVED, **_COMMON)
def cesabianchi2008improved(math: World, *, online_risk: Number, n: Number, delta: Number) -> Terms:
    r"""The mean risk of the iterates of one online pass is at most M + (36/n) ln((n M + 3)/delta) + 2 sqrt((M/n) ln((n M + 3)/delta)),
    where M is the average online loss.

    The bound has the right order for small M, but its constant 36 makes it very loose for a few thousand examples;
    ``progressive_validation_grid`` is much tighter.

    Derivation. Let S = n M, let D be n times the mean risk, and let c = ln((S + 3)/delta). By ``progressive_validation`` at the rates l =
    2^(-j/2), j >= 0, each at delta/((j + 1)(j + 2)), D <= (l S + ln(1/delta) + ln((j + 1)(j + 2)))/(1 - e^-l) for all j at once. Let l* =
    min(1, sqrt(2 c/S)), and take the l in (l*/sqrt 2, l*]. Then (j + 1)(j + 2) <= S + 3: at l* = 1 it is 2, and otherwise S > 2 c >= 2
    ln(S + 3) and j + 1 <= 2 + log2(S/(2 c)). So D <= (l S + c)/(1 - e^-l). At l* < 1 the inequality l/(1 - e^-l) <= 1 + l/2 + l^2/12 gives
    D <= S + 1.5 sqrt(S c) + .75 c. At l* = 1, where S <= 2 c, D <= S + .59 S + 1.59 c <= S + .84 sqrt(S c) + 1.59 c. Both are below S + 2
    sqrt(S c) + 36 c.

    Inputs: ``online_risk`` M; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(cesabianchi2008improved(online_risk=Fraction(1, 100), n=1000, delta=Fraction(1, 20)).value, 12)
    0.225098534333
    """
    cost = math.let("c", math.log_quotient(n * online_risk + 3, delta) / n)
    return {"online risk": online_risk, "remainder": 36 * cost, "deviation": 2 * math.sqrt(online_risk * cost)}
