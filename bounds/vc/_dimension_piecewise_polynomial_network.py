from __future__ import annotations

from genbounds.bounds.assumptions import PIECEWISE_POLYNOMIAL_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, NATURAL, Requirement
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._dimension_threshold_network import PARAMETERS, UNITS, UNITS_AT_MOST_PARAMETERS
from genbounds.bounds.worlds.protocol import Number, World

_LAYERS_AT_MOST_UNITS = Requirement(
    ("layers", "units"),
    lambda layers, units: layers <= units,
    "layers must be at most units",
    "every layer has a computing unit",
)


@capacity(
    source=Source("bartlett1998almost", "in the form of Anthony and Bartlett 1999, Theorem 8.8"),
    gives="vc_dimension",
    provenance=DERIVED,
    assumes=(PIECEWISE_POLYNOMIAL_UNITS,),
    symbols={"parameters": "W", "layers": "L", "units": "k", "pieces": "p", "degree": "l"},
    domains={
        "parameters": PARAMETERS,
        "layers": COUNT.meaning_is("number of layers of computing units"),
        "units": UNITS,
        "pieces": COUNT.meaning_is("pieces of the activation (breakpoints plus one: 2 for ReLU)"),
        "degree": NATURAL.meaning_is("largest degree of a piece (1 for ReLU)"),
    },
    requires=(UNITS_AT_MOST_PARAMETERS, _LAYERS_AT_MOST_UNITS),
    increasing=("parameters", "layers", "units", "pieces", "degree"),
    left_side=r"\mathrm{VCdim}",
)
def dimension_piecewise_polynomial_network(
    math: World, *, parameters: Number, layers: Number, units: Number, pieces: Number, degree: Number
) -> Terms:
    r"""The VC dimension of networks with piecewise polynomial activations is at most 2 W L log2(4 W L p k/ln 2) + 2 W L^2 log2(l + 1) +
    2 L.

    Derivation. Suppose that m >= W points are shattered (for smaller m there is nothing to show). Fix a cell of the parameters on which
    every unit of the earlier layers is on one and the same piece at each point. There the pre-activations of layer i are polynomials of
    degree at most 1 + l + ... + l^(i-1) <= (l + 1)^(i-1) (of degree 1 if l = 0) in at most W parameters, and at most m p k signs say which
    pieces its units are on. Warren's bound (Anthony and Bartlett 1999, Theorem 8.3) increases in the number of parameters up to the number
    of polynomials. So 2^m <= prod_i 2 (2 e m p k (l + 1)^(i-1)/W)^W, that is, m <= L + W L log2(2 e m p k/W) + (W L^2/2) log2(l + 1). The
    inequality ln m <= m/c + ln c - 1 at c = 2 W L/ln 2 shows that the middle term is at most m/2 + W L log2(4 L p k/ln 2). Hence
    m <= 2 W L log2(4 L p k/ln 2) + W L^2 log2(l + 1) + 2 L, which is at most the printed number. For activations with one breakpoint (ReLU)
    ``dimension_relu_network`` is much smaller.

    Inputs: ``parameters`` W; ``layers`` L; ``units`` k; ``pieces`` p of the activation; ``degree`` l.

    >>> round(float(dimension_piecewise_polynomial_network(parameters=13, layers=2, units=4, pieces=2, degree=1)), 11)
    639.91871673647
    """
    return {
        "pieces": 2 * parameters * layers * math.log2(4 * parameters * layers * pieces * units / math.log(2)),
        "degree": 2 * parameters * layers**2 * math.log2(degree + 1),
        "layers": 2 * layers,
    }
