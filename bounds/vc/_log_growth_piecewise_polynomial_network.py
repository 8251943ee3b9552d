from __future__ import annotations

from genbounds.bounds.assumptions import PIECEWISE_POLYNOMIAL_UNITS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, same_length
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("bartlett2019nearly", "proof of Theorem 7, by Warren's bound layer by layer, for shared weights and pooling"),
    gives="log_growth",
    provenance=DERIVED,
    assumes=(PIECEWISE_POLYNOMIAL_UNITS,),
    symbols={"parameters": "w", "breakpoints": "b", "n": "n", "degree": "d"},
    domains={
        "parameters": COUNT.as_vector("number of weights and biases of each layer, shared ones once", "pass one count per layer"),
        "breakpoints": COUNT.as_vector(
            "number of breakpoints of each layer on one input: units times breakpoints of the activation, and C(q, 2) for each pool of q; "
            "for the last layer the number of outputs",
            "pass one count per layer",
        ),
        "degree": COUNT.meaning_is("largest degree of a piece of an activation, at least 1: 1 for ReLU"),
    },
    requires=(same_length("parameters", "breakpoints", entry="layer"),),
    increasing=("parameters", "breakpoints", "n", "degree"),
    left_side=r"\ln \Pi(n)",
)
def log_growth_piecewise_polynomial_network(
    math: World, *, parameters: Number, breakpoints: Number, n: Number, degree: Number = 1
) -> Terms:
    r"""An upper bound on the logarithm of the number of 0-1 loss vectors that a network with piecewise polynomial activations
    (convolutions, pooling, skips) can have on n labelled points.

    It extends ``log_growth_relu_network`` to any such network, and is an input of ``growth_function``.

    Derivation. Let W_i be the number of parameters of layers 1..i (cumulative, shared weights counted once). On each cell of the earlier
    layers the pre-activations of layer i are polynomials in those parameters, of degree at most D_i = 1 + (i - 1) d^(i-1) for pieces of
    degree d. Which piece every activation is on is decided by the signs of n b_i polynomials: each unit (channels times positions) has one
    for each breakpoint of its activation (one for ReLU), and a maximum over q pre-activations, or over a monotone activation of them, has
    their C(q, 2) differences. Warren's bound (Anthony and Bartlett 1999, Theorem 8.3) says that these take at most 2 (2 e n b_i
    D_i/W_i)^{W_i} sign patterns if n b_i >= W_i; in any case there are at most 2^{n b_i}. Skips and average pools are linear in earlier
    units. Of K >= 2 outputs only the K - 1 differences from the label's output count; K = 1 is the sign of a scalar. The total is capped at
    n ln 2, because the losses are 0 or 1, however many classes there are.

    Inputs: ``parameters``, one count per layer; ``breakpoints`` b, one per layer, the last one being the number of outputs K; ``n``;
    ``degree`` d, at least 1.

    >>> round(float(log_growth_piecewise_polynomial_network(parameters=(9, 4), breakpoints=(3, 1), n=60000)), 9)  # widths (2, 3, 1)
    246.460789942
    """
    outputs = math.last(breakpoints)
    signs_of_one = math.with_last(breakpoints, math.maximum(outputs - 1, 1))
    cumulative = math.let("W", math.cumulative(parameters))
    signs = math.along(n) * signs_of_one
    before = math.positions(parameters) - 1
    polynomials = math.let("D", 1 + before * math.power(math.along(degree), before))
    patterns = math.log(2) + cumulative * math.log(2 * math.exp(1) * signs * polynomials / cumulative)
    warren = math.minimum(patterns, signs * math.log(2))
    layers = math.where(math.less(signs, cumulative), signs * math.log(2), warren)
    return {"log growth": math.minimum(math.sum(layers), n * math.log(2))}
