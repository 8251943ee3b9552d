from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("cover1965geometrical", "affine halfspaces shatter d + 1 points in general position and no d + 2 (Radon)"),
    gives="vc_dimension",
    provenance=READ,
    symbols={"inputs": "d"},
    increasing=("inputs",),
    left_side=r"\mathrm{VCdim}",
    relation="=",
)
def dimension_halfspace(math: World, *, inputs: Number) -> Terms:
    """The VC dimension of affine halfspaces {x: <w, x> + b >= 0} in R^d is exactly d + 1; without the threshold b it is d.

    Input: ``inputs``, the dimension d.

    >>> dimension_halfspace(inputs=2).value
    3
    """
    return {"dimension": inputs + 1}
