from __future__ import annotations

from genbounds.bounds.assumptions import LARGEST_COLUMN_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World

LARGEST_COLUMN = NONNEGATIVE.meaning_is("largest l2 norm of a column: max_j sqrt(sum_i x_ij^2)")


@capacity(
    source=Source("mohri2018foundations", "linear hypotheses with bounded l1 norm (Section 11.3), with the data's own largest column"),
    gives="complexity",
    provenance=DERIVED,
    assumes=(LARGEST_COLUMN_OF_SAMPLE,),
    symbols={"norm": "B", "data_norm": r"\max_j \Vert x_{\cdot j}\Vert_2", "inputs": "d", "n": "n"},
    domains={"data_norm": LARGEST_COLUMN},
    increasing=("norm", "data_norm", "inputs"),
    decreasing=("n",),
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def linear_l1(math: World, *, norm: Number, data_norm: Number, inputs: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of {x -> <w, x>: ||w||_1 <= B} on R^d is at most B max_j ||x_.j|| sqrt(2 ln(2d)) / n.

    Derivation. By duality it is (B/n) E max_j |sum_i eps_i x_ij|. This is the mean of a maximum over 2 d signed columns, which Massart's
    lemma bounds (``massart``).

    Inputs: ``norm`` B; ``data_norm``, the largest l2 norm of a column of the n x d data matrix (one feature over the sample); ``inputs``
    d; ``n``.

    >>> round(float(linear_l1(norm=10, data_norm=100, inputs=100, n=10**4)), 12)
    0.325524726144
    """
    return {"complexity": norm * data_norm * math.sqrt(2 * math.log(2 * inputs)) / n}
