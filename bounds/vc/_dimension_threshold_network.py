from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import THRESHOLD_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, Requirement
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._last_fitting import last_fitting, start_membership
from genbounds.bounds.worlds.protocol import Number, World

PARAMETERS = COUNT.meaning_is("number of parameters: weights and thresholds")
UNITS = COUNT.meaning_is("number of computing units, the output included")
UNITS_AT_MOST_PARAMETERS = Requirement(
    ("parameters", "units"),
    lambda parameters, units: parameters >= units,
    "parameters must be at least units",
    "every unit has a threshold, which counts as a parameter",
)


def _closed(math: World, parameters: Number, units: Number) -> Number:
    """2 W log2(e N); W for a single unit."""
    many = 2 * parameters * math.log2(math.exp(1) * units)
    return math.where(math.less_equal(units, 1), parameters, many)


def _search(*, parameters: Any, units: Any) -> dict[str, np.ndarray]:
    """Bisect for the last m with m <= W log2(N e m / W), between W and the closed form, in floats."""
    units = np.maximum(units, 2)

    def fits(m: Any) -> Any:
        return parameters * np.log2(units * np.e * m / parameters) >= m

    return {"last": last_fitting(fits, parameters, np.ceil(2 * parameters * np.log2(np.e * units)))}


@capacity(
    source=Source("baum1989size", "Theorem 1 and Corollary 2, its inequality m <= W log2(N e m/W) solved exactly"),
    gives="vc_dimension",
    provenance=DERIVED,
    assumes=(THRESHOLD_UNITS,),
    symbols={"parameters": "W", "units": "N"},
    domains={"parameters": PARAMETERS, "units": UNITS},
    requires=(UNITS_AT_MOST_PARAMETERS,),
    increasing=("parameters", "units"),
    choose=_search,
    membership=start_membership,
    chosen={"last": "m"},
    form="implicit",
    left_side=r"\mathrm{VCdim}",
)
def dimension_threshold_network(math: World, *, parameters: Number, units: Number, last: Number) -> Terms:
    r"""The VC dimension of feedforward networks of N linear threshold units with W parameters is at most the largest m with
    m <= W log2(N e m/W).

    Derivation. Once the outputs of the units before it are fixed, a unit with w_i parameters takes at most (e m/w_i)^{w_i} sign vectors on
    m >= w_i points, by Sauer's lemma, since it is a halfspace and its class has VC dimension w_i. The product over the units is at most
    (N e m/W)^W by the concavity of the logarithm, while m shattered points need 2^m sign vectors. The right side W log2(N e m/W) is
    concave in m and above m at m = W, so there is one last crossing, and it lies beyond W. It is searched in floats and then *proved* in
    ball arithmetic.

    ``form="closed"`` is Corollary 2, m = 2 W log2(e N). With x = e N the right side is W log2(2 x log2 x) there, and m = W log2(x^2) is
    above it, because 2 log2 x < x for x > 4. A single unit has VC dimension W in both forms.

    Inputs: ``parameters`` W, thresholds included; ``units`` N, all computing units (inputs do not count).

    >>> dimension_threshold_network(parameters=13, units=4).value
    78
    >>> round(float(dimension_threshold_network(parameters=13, units=4, form="closed")), 12)
    89.510071063113
    """
    several = math.let("N'", math.maximum(units, 2))

    def excess(m: Any) -> Any:
        return parameters * math.log2(several * math.exp(1) * m / parameters) - m

    return {"dimension": math.where(math.less_equal(units, 1), parameters, math.last_crossing(excess, last))}


@dimension_threshold_network.other_form("closed", provenance=DERIVED, source=Source("baum1989size", "Corollary 2"))
def _dimension_threshold_network_closed(math: World, *, parameters: Number, units: Number) -> Terms:
    return {"dimension": _closed(math, parameters, units)}
