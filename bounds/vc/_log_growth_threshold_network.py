"""The growth function of networks of linear threshold units: unit by unit, and in the closed form of Baum and Haussler."""

from __future__ import annotations

from genbounds.bounds.assumptions import THRESHOLD_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, Domain
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._dimension_threshold_network import PARAMETERS, UNITS_AT_MOST_PARAMETERS
from genbounds.bounds.worlds.protocol import Number, World

_UNIT_PARAMETERS = COUNT.as_vector(
    "number of parameters of each unit: its incoming weights and its threshold", "pass one count per unit, each at least 1"
)
_TWO_UNITS = Domain("be a whole number of at least 2", "for a single unit use log_growth_halfspace", 2, whole=True).meaning_is(
    "number of computing units, the output included, at least 2"
)


@capacity(
    source=Source("baum1989size", "the proof of Theorem 1, with Cover's count for each unit"),
    gives="log_growth",
    provenance=DERIVED,
    assumes=(THRESHOLD_UNITS,),
    symbols={"unit_parameters": "w", "n": "n"},
    domains={"unit_parameters": _UNIT_PARAMETERS},
    increasing=("unit_parameters", "n"),
    left_side=r"\ln \Pi(n)",
)
def log_growth_threshold_network(math: World, *, unit_parameters: Number, n: Number) -> Terms:
    r"""The logarithm of the number of sign vectors that a network of linear threshold units has on n points is at most the sum over its
    units of ln(2 sum_{j < w_i} C(n - 1, j)), where w_i is the number of parameters of the unit.

    Derivation. Take the units in the order of the network. Once the outputs of the earlier units are fixed on the n points, unit i sees n
    fixed points of dimension w_i - 1 and has at most Cover's number of sign vectors on them (``log_growth_halfspace``). These numbers
    multiply, and 2^n is a cap. Every unit has a threshold, which is one of its parameters. The result is never above
    ``baum_haussler1989growth``, and is an input of ``growth_function``.

    Inputs: ``unit_parameters`` w_i, one for each computing unit, the output included; ``n``.

    >>> round(float(log_growth_threshold_network(unit_parameters=(3, 3, 3, 4), n=1000)), 9)
    61.065193242
    """
    signs = math.log(2) + math.log_binomial_sum(math.along(n - 1), unit_parameters - 1)
    return {"log growth": math.minimum(math.sum(signs), n * math.log(2))}


@capacity(
    source=Source("baum1989size", "Theorem 1"),
    gives="log_growth",
    provenance=DERIVED,
    assumes=(THRESHOLD_UNITS,),
    symbols={"parameters": "W", "units": "N", "n": "n"},
    domains={"parameters": PARAMETERS, "units": _TWO_UNITS},
    requires=(UNITS_AT_MOST_PARAMETERS,),
    increasing=("parameters", "units", "n"),
    left_side=r"\ln \Pi(n)",
)
def baum_haussler1989growth(math: World, *, parameters: Number, units: Number, n: Number) -> Terms:
    r"""The logarithm of the number of sign vectors that a network of N >= 2 linear threshold units with W parameters has on n points is at
    most W ln(N e n/W) for n >= W, and at most n ln 2 for every n; the smaller is taken.

    Derivation. As for ``log_growth_threshold_network``, but each unit has at most (e n/w_i)^{w_i} sign vectors by Sauer's lemma, since its
    class has VC dimension w_i <= n. By the concavity of the logarithm the sum of w_i ln(e n/w_i) over the units is at most W ln(e n N/W).
    The result is an input of ``growth_function``.

    Inputs: ``parameters`` W, thresholds included; ``units`` N, all computing units; ``n``.

    >>> round(float(baum_haussler1989growth(parameters=13, units=4, n=1000)), 9)
    87.478303674
    """
    everything = n * math.log(2)
    closed = parameters * (1 + math.log(units * n / parameters))
    return {"log growth": math.where(math.less(n, parameters), everything, math.minimum(closed, everything))}
