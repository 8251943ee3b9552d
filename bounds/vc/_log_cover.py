"""Logarithms of covering numbers: how many vectors come within 1/n of the losses of every hypothesis, at each of any 2n points."""

from __future__ import annotations

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    INPUT_RADIUS_OF_POPULATION,
    LAYERS_LINEAR_IN_PARAMETERS,
    LIPSCHITZ_LOSS_IN_OUTPUTS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    REFERENCE_FIXED_IN_ADVANCE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, NONNEGATIVE, POSITIVE
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("maurer2009empirical", "the cover of a finite class by itself"),
    gives="log_cover",
    provenance=DERIVED,
    assumes=(CLASS_FIXED_IN_ADVANCE,),
    symbols={"class_size": "K"},
    domains={"class_size": COUNT.meaning_is("number of hypotheses of the class")},
    increasing=("class_size",),
    left_side=r"\ln N",
)
def log_cover_finite_class(math: World, *, class_size: Number) -> Terms:
    """The logarithm of the number of vectors that cover the losses of K hypotheses on any points is at most ln K.

    The K vectors of losses are their own cover. The result is an input of ``maurer2009cover``.

    Input: ``class_size`` K.

    >>> round(float(log_cover_finite_class(class_size=1000)), 12)
    6.907755278982
    """
    return {"log cover": math.log(class_size)}


@capacity(
    source=Source("long2020generalization", "the cover of a ball around the initialisation, with constants derived here"),
    gives="log_cover",
    provenance=DERIVED,
    assumes=(
        LAYERS_LINEAR_IN_PARAMETERS,
        REFERENCE_FIXED_IN_ADVANCE,
        ONE_LIPSCHITZ_ACTIVATION,
        NO_BIAS,
        LIPSCHITZ_LOSS_IN_OUTPUTS,
        INPUT_RADIUS_OF_POPULATION,
    ),
    symbols={
        "parameters": "W",
        "distance": r"\beta",
        "depth": "L",
        "reference_norm": "s",
        "input_radius": r"\chi",
        "lipschitz": r"\lambda",
        "n": "n",
    },
    domains={
        "parameters": COUNT.meaning_is("number of parameters; what is shared is counted once"),
        "distance": NONNEGATIVE.meaning_is(
            "bound of the class on the sum, over the layers, of spectral norms of differences from the reference"
        ),
        "depth": COUNT.meaning_is("number of layers"),
        "input_radius": POSITIVE.meaning_is("bound on the l2 norm of every input of the population, known in advance"),
        "reference_norm": POSITIVE.meaning_is("at least the spectral norm of each layer of the reference, as a map of its whole input"),
        "lipschitz": NONNEGATIVE.meaning_is("Lipschitz constant of the loss in the vector of outputs, in the l2 norm"),
    },
    increasing=("parameters", "distance", "input_radius", "lipschitz", "n"),
    fixed_in_advance=("distance",),
    left_side=r"\ln N",
)
def log_cover_convolutional(
    math: World,
    *,
    parameters: Number,
    distance: Number,
    depth: Number,
    reference_norm: Number = 1,
    input_radius: Number,
    lipschitz: Number,
    n: Number,
) -> Terms:
    r"""On any inputs of norm at most chi, the losses of all networks of L layers with W parameters at a distance of at most beta from the
    reference come within 1/n of one of N vectors, with ln N <= W ln(1 + 2 n beta lambda chi (s + beta/L)^L/s).

    The entries of a kernel count once in W, wherever the kernel is applied: neither the number of pixels nor the sizes of the feature maps
    enter. The norm of a layer is the spectral norm of the whole linear map, as in ``margin.spectral``. The result is an input of
    ``maurer2009cover``.

    Derivation. The layers are linear maps A_1, ..., A_L, linear in their parameters. The sum d(A, A') of the ||A_i - A'_i|| is a norm of
    the difference of the parameters (up to those that change no layer), and the class is the ball of radius beta around the reference,
    which is convex. Move from A to A' in m equal steps along a straight line, and in each step change one layer after the other.
    Exchanging layer i moves the output by at most ||x|| times the norm of the change times the product of the norms of the other layers,
    each of which lies within one step of a point A(t) of the line. As m grows, the sum of all moves becomes at most ||x|| d(A, A') times
    the largest product of ||A_k(t)|| over k != i. Let b_k be the distance of layer k of A(t) from its reference; the b_k add up to at most
    beta. The product of the (s + b_k) over k != i is at most the product over all k divided by s, hence at most (s + beta/L)^L/s, because
    the geometric mean is at most the arithmetic one. So the losses of A and A' differ by at most B d(A, A') at every input of norm at most
    chi, with B = lambda chi (s + beta/L)^L/s. Choose points of the ball one after another, each farther than e = 1/(n B) from all before
    it, for as long as there is one. The balls of radius e/2 around them are disjoint and lie in a ball of radius beta + e/2, so that by
    volume there are at most (1 + 2 beta/e)^W of them, and every network of the class is within e of one. (Long and Sedghi cover the same
    ball. Here the change is integrated along the line, where they add up the changes of the layers, and s need not be 1.)

    Inputs: ``parameters`` W; ``distance`` beta, fixed in advance; ``depth`` L; ``reference_norm`` s, 1 if not given; ``input_radius``
    chi; ``lipschitz`` lambda, such as sqrt(2)/margin for the ramp loss of the margin between two outputs; ``n``.

    >>> round(float(log_cover_convolutional(parameters=500, distance=1, depth=4, input_radius=1, lipschitz=1, n=60000)), 9)
    6293.912320174
    """
    growth = math.let("B", lipschitz * input_radius * math.power(reference_norm + distance / depth, depth) / reference_norm)
    return {"log cover": parameters * math.log1p(2 * n * distance * growth)}
