from __future__ import annotations

from genbounds.bounds.assumptions import FIRST_WEIGHTS_ZERO, SEPARABLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import MISTAKES
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.perceptron._separation import MARGIN_AT_MOST_RADIUS
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("novikoff1962convergence", "the theorem"),
    provenance=DERIVED,
    bounds_on=MISTAKES,
    mode="DET",
    trivial=None,
    assumes=(SEPARABLE, FIRST_WEIGHTS_ZERO),
    symbols={"radius": "r", "margin": r"\gamma"},
    requires=(MARGIN_AT_MOST_RADIUS,),
    increasing=("radius",),
    decreasing=("margin",),
    holds_for="every order and every number of passes",
)
def novikoff(math: World, *, radius: Number, margin: Number) -> Terms:
    r"""The perceptron makes at most (radius/margin)^2 mistakes, rounded down, on any sequence that is separable with that margin through
    the origin.

    Derivation. The run starts at w_0 = 0 and adds y x at each mistake (y <w, x> <= 0). After M mistakes, M margin <= <w, u> <= ||w|| <=
    sqrt(M) radius. The first inequality holds because each update adds at least the margin to <w, u>; the last holds because the cross term
    in the square of the norm is not positive. The number of mistakes is whole, so the fraction is dropped. Where the precision does not
    decide the floor, the larger number is taken; ``.value`` pads the quotient upward first, and on tensors the gradient is that of
    (radius/margin)^2. A margin above the radius is refused, because no data have one.

    Inputs: ``radius`` >= ||x|| for every example; ``margin``, with y <u, x> >= margin for every example and a unit vector u. Any separator
    gives a valid bound, larger than that of the best one: compute the margin of the vector that the solver returned, and round it down.

    >>> novikoff(radius=1, margin=0.5).value
    4.0
    """
    return {"mistakes": math.floor((radius / margin) ** 2)}
