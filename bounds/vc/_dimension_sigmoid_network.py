from __future__ import annotations

from genbounds.bounds.assumptions import LOGISTIC_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._dimension_threshold_network import PARAMETERS, UNITS, UNITS_AT_MOST_PARAMETERS
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("karpinski1997polynomial", "in the form of Anthony and Bartlett 1999, Theorem 8.13"),
    gives="vc_dimension",
    provenance=PRINTED,
    assumes=(LOGISTIC_UNITS,),
    symbols={"parameters": "W", "units": "k"},
    domains={"parameters": PARAMETERS, "units": UNITS},
    requires=(UNITS_AT_MOST_PARAMETERS,),
    increasing=("parameters", "units"),
    left_side=r"\mathrm{VCdim}",
)
def dimension_sigmoid_network(math: World, *, parameters: Number, units: Number) -> Terms:
    r"""The VC dimension of networks of logistic units is at most (W k)^2 + 11 W k log2(18 W k^2).

    The bound is as printed: it was neither read again in the source nor derived here. It rests on Khovanskii's bound on the zeros of
    exponential polynomials, by which the growth function is at most 2^((W k)^2/2) (18 W k^2)^(5 W k) (e m/W)^W. The step from there is
    checked: W log2(e m/W) <= m/2 + 1.54 W, so that m shattered points have m <= (W k)^2 + 10 W k log2(18 W k^2) + 3.1 W, which is below the
    printed number. The units are standard sigmoids 1/(1 + e^-x); tanh is the same up to an affine change of the weights.

    Inputs: ``parameters`` W, thresholds included; ``units`` k, all computing units.

    >>> round(float(dimension_sigmoid_network(parameters=13, units=4)), 11)
    9493.84861960171
    """
    product = parameters * units
    return {"square": product**2, "remainder": 11 * product * math.log2(18 * parameters * units**2)}
