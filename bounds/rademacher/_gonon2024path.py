from __future__ import annotations

from genbounds.bounds.assumptions import HOMOGENEOUS_ACTIVATION, LARGEST_COLUMN_OF_SAMPLE, NO_BIAS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.rademacher._linear_l1 import LARGEST_COLUMN
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("gonon2024path", "the bound by the path norm, for layered networks without pooling, with the constants derived here"),
    gives="complexity",
    provenance=DERIVED,
    assumes=(NO_BIAS, HOMOGENEOUS_ACTIVATION, LARGEST_COLUMN_OF_SAMPLE),
    symbols={
        "path_norm": r"\Phi",
        "depth": "L",
        "data_norm": r"\max_j \Vert x_{\cdot j}\Vert_2",
        "inputs": "d",
        "n": "n",
    },
    domains={
        "path_norm": NONNEGATIVE.meaning_is(
            "the class's bound on the sum, over all paths from an input to the output, of products of |weights|"
        ),
        "data_norm": LARGEST_COLUMN,
    },
    increasing=("path_norm", "depth", "data_norm", "inputs"),
    decreasing=("n",),
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def gonon2024path(math: World, *, path_norm: Number, depth: Number, data_norm: Number, inputs: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of scalar networks of L layers and path norm at most Phi, of any widths, is at most
    Phi max_j ||x_.j|| sqrt(2 (L ln 2 + ln d))/n.

    Derivation. From the first layer up, divide the incoming weights of each hidden unit by their l1 norm m and multiply its outgoing
    weights by m (if m = 0, the unit is 0: set both to 0). As the activation is positively homogeneous, the function does not change, and
    neither does the product of the weights along any path. Now the rows of all layers but the last have l1 norm 1 or 0. So the paths into a
    hidden unit have total weight 1, or total weight 0 if its outgoing weights are 0, too, and the l1 norm of the last row is the path norm.
    The class is therefore contained in that of ``golowich2018rows`` with the bounds 1, ..., 1, Phi on the rows, and has no larger
    complexity. No bound on single layers is needed, and the path norm is never above the product of their row norms. (Gonon et al. treat
    any directed graph with k-max-pooling.)

    Inputs: ``path_norm`` Phi, fixed in advance with the class; ``depth`` L; ``data_norm``, the largest l2 norm of a column of the data
    matrix; ``inputs`` d; ``n``. With biases, take the path norm of the augmented matrices [[A, b], [0, 1]], and count the constant column
    in d. ``measures.path_norm(weights=..., power=1)`` measures the path norm of one network.

    >>> round(float(gonon2024path(path_norm=8, depth=3, data_norm=10, inputs=784, n=10**4)), 13)
    0.0334546390197
    """
    return {"complexity": path_norm * data_norm * math.sqrt(2 * (depth * math.log(2) + math.log(inputs))) / n}
