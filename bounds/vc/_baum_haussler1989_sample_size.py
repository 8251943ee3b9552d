from __future__ import annotations

from typing import Any

from genbounds.bounds.bibliography import Source
from genbounds.bounds.inputs import Domain
from genbounds.bounds.theorem import DERIVED, Terms, capacity
from genbounds.bounds.vc._dimension_threshold_network import PARAMETERS, UNITS_AT_MOST_PARAMETERS

_EPSILON = Domain("lie in (0, 1/8]", "the theorem is for small errors: ask for a risk of at most 1/8", 0, 0.125, low_open=True).meaning_is(
    "the risk that is wanted; the training error must be at most half of it"
)
_TWO_UNITS = Domain("be a whole number of at least 2", "the theorem is for two units or more", 2, whole=True).meaning_is(
    "number of computing units, the output included"
)


@capacity(
    source=Source("baum1989size", "the sample size of the abstract, with the constants derived here"),
    provenance=DERIVED,
    symbols={"parameters": "W", "units": "N", "epsilon": r"\varepsilon"},
    domains={"parameters": PARAMETERS, "units": _TWO_UNITS, "epsilon": _EPSILON},
    requires=(UNITS_AT_MOST_PARAMETERS,),
    increasing=("parameters", "units"),
    decreasing=("epsilon",),
    left_side="m",
    relation=r"\ge",
)
def baum_haussler1989_sample_size(math: Any, *, parameters: Any, units: Any, epsilon: Any) -> Terms:
    r"""With (32 W/e) ln(32 N/e) examples or more, every threshold network with training error at most e/2 has risk at most e.

    With probability at least 1 - 8 exp(-1.5 W), for 0 < e <= 1/8, N >= 2 units and W parameters. Derivation: the relative deviation
    inequality gives P(some risk > e, training error <= e/2) <= 8 Pi(2m) exp(-e m/16), with Pi(2m) <= (2 N e m/W)^W (here e = 2.718...). At
    the stated m the product is at most 8 ((e/16)(eps/N) ln(32 N/eps))^W <= 8 exp(-2.7 W), and it decreases in m.

    Inputs: ``parameters`` W, thresholds included; ``units`` N; ``epsilon``.

    >>> from fractions import Fraction
    >>> round(float(baum_haussler1989_sample_size(parameters=13, units=4, epsilon=Fraction(1, 10))), 10)
    29763.1998847608
    """
    return {"examples": 32 * parameters / epsilon * math.log(32 * units / epsilon)}
