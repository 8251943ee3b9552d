from __future__ import annotations

from genbounds.bounds.assumptions import RELU_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import capacity
from genbounds.bounds.vc._relu_layers import AT_LEAST_ONE_LAYER, NETWORK_WIDTHS, cumulative_parameters, log_patterns
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source(
        "bartlett2019nearly",
        "proof of Theorem 7, by Warren's bound layer by layer; the multiclass count is derived here",
    ),
    gives="log_growth",
    provenance=DERIVED,
    assumes=(RELU_UNITS,),
    symbols={"widths": "k", "n": "n"},
    domains={"widths": NETWORK_WIDTHS},
    increasing=("widths", "n"),
    requires=(AT_LEAST_ONE_LAYER,),
    left_side=r"\ln \Pi(n)",
)
def log_growth_relu_network(math: World, *, widths: Number, n: Number) -> Terms:
    r"""An upper bound on the logarithm of the number of 0-1 loss vectors that ReLU networks of these widths (with biases) can have on n
    labelled points.

    The result is an input of ``growth_function``, which counts loss vectors.

    Derivation. Let W_i be the number of parameters of layers 1..i (cumulative). On each cell of the parameters where the signs of the
    earlier layers are constant, the n k_i pre-activations of layer i are polynomials of degree at most i in these parameters, because each
    layer multiplies its inputs by its weights. They take at most 2 (2 e n k_i i / W_i)^{W_i} sign patterns there (Warren; Anthony and
    Bartlett 1999, Theorem 8.3) if n k_i >= W_i. Otherwise the trivial 2^{n k_i} is used, which is a cap in any case. The product over the
    layers counts the sign vectors. For K classes and fixed labels y, the loss is a function of the signs of f_y - f_b, b != y, whichever
    class is named when the two are equal, so the last layer counts as K - 1 units; K = 1 is the sign of a scalar. The total is capped at
    n ln 2, because the losses are 0 or 1, however many classes there are.

    Inputs: ``widths`` = (inputs, hidden..., outputs); ``n``.

    >>> round(float(log_growth_relu_network(widths=(2, 3, 1), n=60000)), 9)
    246.460789942
    >>> round(float(log_growth_relu_network(widths=(784, 600, 600, 10), n=60000)), 6)  # the cap n ln 2
    41588.830834
    """
    outputs = math.last(widths)
    units = math.with_last(math.after(widths), math.maximum(outputs - 1, 1))
    parameters = cumulative_parameters(math, widths)
    signs = math.along(n) * units
    warren = math.minimum(log_patterns(math, units, parameters, n), signs * math.log(2))
    layers = math.where(math.less(signs, parameters), signs * math.log(2), warren)
    return {"log growth": math.minimum(math.sum(layers), n * math.log(2))}
