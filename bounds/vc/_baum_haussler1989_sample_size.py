from __future__ import annotations

from genbounds.bounds.assumptions import ARCHITECTURE_FIXED_IN_ADVANCE, IID_SAMPLE, THRESHOLD_UNITS, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import Domain
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._dimension_threshold_network import PARAMETERS, UNITS_AT_MOST_PARAMETERS
from genbounds.bounds.worlds.protocol import Number, World

_EPSILON = Domain("lie in (0, 1/8]", "the theorem is for small risks: ask for a risk of at most 1/8", 0, 0.125, low_open=True).meaning_is(
    "the risk that is wanted; the training error must be at most half of it"
)
_TWO_UNITS = Domain("be a whole number of at least 2", "the theorem is about two units or more", 2, whole=True).meaning_is(
    "number of computing units, the output included"
)


@capacity(
    source=Source("baum1989size", "the sample size of the abstract, with the constants derived here"),
    gives="sufficient_sample_size",
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, ARCHITECTURE_FIXED_IN_ADVANCE, THRESHOLD_UNITS),
    symbols={"parameters": "W", "units": "N", "epsilon": r"\varepsilon"},
    domains={"parameters": PARAMETERS, "units": _TWO_UNITS, "epsilon": _EPSILON},
    requires=(UNITS_AT_MOST_PARAMETERS,),
    increasing=("parameters", "units"),
    decreasing=("epsilon",),
    left_side="m",
    relation=r"\ge",
)
def baum_haussler1989_sample_size(math: World, *, parameters: Number, units: Number, epsilon: Number) -> Terms:
    r"""With m >= (32 W/e) ln(32 N/e) independent examples, every threshold network of an architecture fixed in advance that has a training
    error of at most e/2 has a risk of at most e, with probability at least 1 - 8 exp(-1.5 W).

    The architecture has N >= 2 units and W parameters, and 0 < e <= 1/8. The statement is about all weights at once.

    Derivation, with exp(1) for 2.718... A network of risk R > e and training error R_m <= e/2 has (R - R_m)/sqrt R >= sqrt(R)/2 >
    sqrt(e)/2. So the relative deviation inequality (``relative_deviation``) bounds the probability that such a network exists by
    4 Pi(2m) exp(-e m/16), where Pi(2m) <= (2 exp(1) N m/W)^W (``dimension_threshold_network``). The source has twice this bound, which is
    what is shown to be small here. At m = (32 W/e) ln(32 N/e) the exponential is (e/(32 N))^(2 W), and the doubled bound is at most
    8 (exp(1)/16 x ln(32/x))^W with x = e/N <= 1/16. This increases in x, and at x = 1/16 it is at most 8 (.0663)^W <= 8 exp(-2.7 W). For
    larger m the bound is smaller, because m^W exp(-e m/16) decreases from m = 16 W/e on.

    Inputs: ``parameters`` W, thresholds included; ``units`` N; ``epsilon`` e.

    >>> from fractions import Fraction
    >>> round(float(baum_haussler1989_sample_size(parameters=13, units=4, epsilon=Fraction(1, 10))), 10)
    29763.1998847608
    """
    return {"examples": 32 * parameters / epsilon * math.log(32 * units / epsilon)}
