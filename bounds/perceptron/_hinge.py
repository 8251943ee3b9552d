from __future__ import annotations

from genbounds.bounds.assumptions import FIRST_WEIGHTS_ZERO, HINGE_OF_SEQUENCE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import MISTAKES_OF_RUN
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE, Requirement, at_most_sum
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_FIRST_ROUND = Requirement(
    ("radius_times_norm", "hinge_loss"),
    lambda radius_times_norm, hinge_loss: at_most_sum(1, radius_times_norm, hinge_loss),
    "radius_times_norm + hinge_loss must be at least 1",
    "the first round is a mistake, and its hinge loss is at least 1 - radius_times_norm: add it up again",
)


@bound(
    source=Source("gentile2003robustness", "the mistake bound in terms of the hinge loss, with the proof given here"),
    provenance=DERIVED,
    bounds_on=MISTAKES_OF_RUN,
    mode="DET",
    trivial=None,
    assumes=(HINGE_OF_SEQUENCE, FIRST_WEIGHTS_ZERO),
    symbols={"radius_times_norm": r"\left(r\Vert u\Vert\right)", "hinge_loss": "L"},
    domains={
        "radius_times_norm": NONNEGATIVE.meaning_is("largest input norm times the norm of the comparison vector u"),
        "hinge_loss": NONNEGATIVE.meaning_is("sum over the mistaken rounds of max(0, 1 - y <u, x>)"),
    },
    requires=(_FIRST_ROUND,),
    increasing=("radius_times_norm", "hinge_loss"),
    holds_for="every order of the examples; an example presented k times counts k times in the hinge loss",
)
def hinge(math: World, *, radius_times_norm: Number, hinge_loss: Number) -> Terms:
    r"""The perceptron makes at most ((r ||u|| + sqrt(r^2 ||u||^2 + 4 L))/2)^2 mistakes, rounded down, where r is the largest norm of an
    input and L is the hinge loss of any vector u on the mistaken rounds.

    The statement is deterministic, and u may be optimised on the data.

    Derivation. After M mistakes <w, u> is the sum over them of y <u, x>, which is at least M - L. Also ||w|| <= r sqrt M, because the cross
    terms are not positive. So M - L <= r ||u|| sqrt M, a quadratic inequality in sqrt M. With L = 0 and ||u|| = 1/margin the result is
    ``novikoff``, whose rounding it shares. The first round is a mistake with a hinge loss of at least 1 - r ||u||; therefore a sum of
    r ||u|| and L below 1 is refused.

    Inputs: ``radius_times_norm`` = r ||u||; ``hinge_loss`` L, summed over the mistaken rounds as presented, or over all rounds.

    >>> hinge(radius_times_norm=10, hinge_loss=5).value  # of 109.77
    109.0
    """
    return {"mistakes": math.floor(((radius_times_norm + math.sqrt(radius_times_norm**2 + 4 * hinge_loss)) / 2) ** 2)}
