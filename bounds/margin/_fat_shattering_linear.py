from __future__ import annotations

from genbounds.bounds.assumptions import RADIUS_OF_POPULATION
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE, POSITIVE
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("bartlett1999generalization", "the fat-shattering dimension of linear functions"),
    gives="fat_shattering_dimension",
    provenance=DERIVED,
    assumes=(RADIUS_OF_POPULATION,),
    symbols={"norm": "B", "radius": "r", "scale": "s"},
    domains={
        "norm": NONNEGATIVE.meaning_is("bound on the l2 norm of the weights"),
        "radius": NONNEGATIVE.meaning_is("bound on the l2 norm of every input"),
        "scale": POSITIVE.meaning_is("the scale of the shattering: margin/16 for bartlett1998fat_shattering"),
    },
    increasing=("norm", "radius"),
    decreasing=("scale",),
    left_side=r"\mathrm{fat}(s)",
)
def fat_shattering_linear(math: World, *, norm: Number, radius: Number, scale: Number) -> Terms:
    r"""The fat-shattering dimension at scale s of {x -> <w, x>: ||w|| <= B} on the ball ||x|| <= r is at most (B r/s)^2.

    The result, at the scale margin/16, is an input of ``bartlett1998fat_shattering``.

    Derivation. Let x_1, ..., x_d be shattered at scale s. For some signs b, ||sum b_i x_i|| <= sqrt(d) r, because the mean of the square
    over all signs is at most d r^2. The functions w and w' that realise b and -b around the thresholds have <w - w', sum b_i x_i> >= 2 d s,
    and ||w - w'|| <= 2 B. So d s <= B sqrt(d) r.

    Inputs: ``norm`` B; ``radius`` r, of the population; ``scale`` s.

    >>> fat_shattering_linear(norm=1, radius=1, scale=0.125).value
    64
    """
    return {"dimension": (norm * radius / scale) ** 2}
