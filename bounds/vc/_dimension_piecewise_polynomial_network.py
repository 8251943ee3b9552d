from __future__ import annotations

from genbounds.bounds.assumptions import PIECEWISE_POLYNOMIAL_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.inputs import COUNT, NATURAL
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._dimension_threshold_network import PARAMETERS, UNITS
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("bartlett1998almost", "in the form of Anthony and Bartlett 1999, Theorem 8.8"),
    gives="vc_dimension",
    provenance=PRINTED,
    assumes=(PIECEWISE_POLYNOMIAL_UNITS,),
    symbols={"parameters": "W", "layers": "L", "units": "k", "pieces": "p", "degree": "l"},
    domains={
        "parameters": PARAMETERS,
        "layers": COUNT.meaning_is("number of layers of computing units"),
        "units": UNITS,
        "pieces": COUNT.meaning_is("pieces of the activation (breakpoints plus one: 2 for ReLU)"),
        "degree": NATURAL.meaning_is("largest degree of a piece (1 for ReLU)"),
    },
    increasing=("parameters", "layers", "units", "pieces", "degree"),
    left_side=r"\mathrm{VCdim}",
)
def dimension_piecewise_polynomial_network(
    math: World, *, parameters: Number, layers: Number, units: Number, pieces: Number, degree: Number
) -> Terms:
    r"""The VC dimension of networks with piecewise polynomial activations: 2 W L log2(4 W L p k/ln 2) + 2 W L^2 log2(l + 1) + 2 L.

    As printed. For piecewise linear activations ``dimension_relu_network`` is derived here and much smaller.

    Inputs: ``parameters`` W; ``layers`` L; ``units`` k; ``pieces`` p of the activation; ``degree`` l.

    >>> round(float(dimension_piecewise_polynomial_network(parameters=13, layers=2, units=4, pieces=2, degree=1)), 11)
    639.91871673647
    """
    return {
        "pieces": 2 * parameters * layers * math.log2(4 * parameters * layers * pieces * units / math.log(2)),
        "degree": 2 * parameters * layers**2 * math.log2(degree + 1),
        "layers": 2 * layers,
    }
