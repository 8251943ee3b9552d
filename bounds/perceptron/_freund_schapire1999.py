from __future__ import annotations

from genbounds.bounds.assumptions import DEVIATION_OF_SEQUENCE, FIRST_WEIGHTS_ZERO
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import MISTAKES_OF_RUN
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE, Requirement, at_most_sum
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_FIRST_ROUND = Requirement(
    ("radius", "margin", "deviation"),
    lambda radius, margin, deviation: at_most_sum(margin, radius, deviation),
    "margin must be at most radius + deviation",
    "the first round is a mistake, and y <u, x>, which is at most the radius, falls short of the margin there by at most the deviation: "
    "add the deviation up again",
)


@bound(
    source=Source("freund1999large", "Theorem 2"),
    provenance=DERIVED,
    bounds_on=MISTAKES_OF_RUN,
    mode="DET",
    trivial=None,
    assumes=(DEVIATION_OF_SEQUENCE, FIRST_WEIGHTS_ZERO),
    symbols={"radius": "r", "margin": r"\gamma", "deviation": "D"},
    domains={"deviation": NONNEGATIVE.meaning_is("sqrt of the sum over rounds of max(0, margin - y <u, x>)^2")},
    requires=(_FIRST_ROUND,),
    increasing=("radius", "deviation"),
    decreasing=("margin",),
    holds_for="every order of the examples; an example presented k times counts k times in the deviation",
)
def freund_schapire1999(math: World, *, radius: Number, margin: Number, deviation: Number) -> Terms:
    r"""The perceptron makes at most ((radius + D)/margin)^2 mistakes, rounded down, on any sequence, where D^2 is the sum of the squared
    margin violations of a unit vector.

    This holds for any unit vector u and any margin > 0, with d_t = max(0, margin - y_t <u, x_t>) and D = sqrt(sum d_t^2). The sum is over
    the rounds *as presented*, so that an example presented k times counts k times; the mistaken rounds alone suffice. The statement is
    deterministic, and u and the margin may be optimised on the data.

    Derivation. Give round t a coordinate of its own, in which x_t has the entry C. Then the vector with the parts u and y_t d_t/C separates
    with that margin, and the extra coordinates change nothing in the run but the norms. Divided by its length, this vector gives
    (r^2 + C^2)(1 + D^2/C^2)/margin^2 mistakes at most by Novikoff's theorem, with r the radius. This is smallest at C = sqrt(r D). With
    D = 0 it is ``novikoff``, whose rounding it shares. The first round is a mistake, and there d is at least margin - radius; therefore a
    margin above radius + D is refused.

    Inputs: ``radius`` >= ||x_t||; ``margin``; ``deviation``, an upper bound on D for that u and that margin.

    >>> freund_schapire1999(radius=1, margin=0.5, deviation=0.5).value
    9.0
    """
    return {"mistakes": math.floor(((radius + deviation) / margin) ** 2)}
