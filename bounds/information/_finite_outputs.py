from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("xu2017information", "the remark on finite hypothesis spaces"),
    gives="mutual_information",
    provenance=DERIVED,
    assumes=(CLASS_FIXED_IN_ADVANCE,),
    symbols={"class_size": "K"},
    domains={"class_size": COUNT.meaning_is("number of outputs that the algorithm can return, whatever the sample")},
    increasing=("class_size",),
    left_side="I(S; W)",
)
def finite_outputs(math: World, *, class_size: Number) -> Terms:
    r"""The mutual information of the sample and an output that takes one of K values is at most ln K.

    Derivation. I(S; W) = H(W) - H(W | S), where H(W) <= ln K and H(W | S) >= 0. Equality holds if the sample determines the output and all
    outputs are equally likely.

    Input: ``class_size`` K, the number of all possible outputs, fixed in advance.

    >>> round(float(finite_outputs(class_size=1000)), 12)
    6.907755278982
    """
    return {"information": math.log(class_size)}
