from __future__ import annotations

from genbounds.bounds.assumptions import (
    EXPECTED_SQUARED_NORM,
    IID_SAMPLE,
    INPUT_RADIUS_OF_POPULATION_IN_KERNEL,
    KERNEL_FIXED_IN_ADVANCE,
    MINIMUM_NORM_INTERPOLANT,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("liang2023interpolating", "the leave-one-out argument for minimum-norm interpolation, for the square loss"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    trivial=None,
    assumes=(
        IID_SAMPLE,
        MINIMUM_NORM_INTERPOLANT,
        KERNEL_FIXED_IN_ADVANCE,
        INPUT_RADIUS_OF_POPULATION_IN_KERNEL,
        EXPECTED_SQUARED_NORM,
    ),
    symbols={"radius": "D", "expected_squared_norm": r"\mathbb{E} \left\Vert w_n \right\Vert^2", "n": "n"},
    domains={
        "radius": NONNEGATIVE.meaning_is("D: every input of the population has k(x, x) <= D^2"),
        "expected_squared_norm": NONNEGATIVE.meaning_is("expected squared norm of the interpolant of n examples, y^T K^-1 y, over samples"),
    },
    increasing=("radius", "expected_squared_norm"),
    decreasing=("n",),
    holds_for="the minimum-norm interpolant of the best number of examples below n",
)
def minimum_norm_interpolation(math: World, *, radius: Number, expected_squared_norm: Number, n: Number) -> Terms:
    r"""The expected squared error of the minimum-norm interpolant of m examples is at most D^2 E||w_n||^2 / n for some m below n.

    D bounds the kernel on the population: k(x, x) <= D^2 for every input x. The theorem does not say for which m it holds, and in
    particular says nothing about the last one, m = n - 1.

    Derivation. Let w interpolate m + 1 examples with Gram matrix K, and let e_i be the error at example i of the interpolant of the others.
    With a_i = [K^-1 y]_i and k_i = [K^-1]_ii, e_i = a_i/k_i, leaving out example i lowers the squared norm by a_i^2/k_i, and
    1/k_i <= K_ii <= D^2. So e_i^2 is at most D^2 times the decrease. Since the m + 1 examples are exchangeable, taking expectations gives
    E R_m <= D^2 (E||w_{m+1}||^2 - E||w_m||^2). The sum over m = 0, ..., n - 1 telescopes, and the smallest of its n terms is at most their
    mean.

    Inputs: ``radius`` D, of the population; ``expected_squared_norm``, over samples (one sample's is an estimate); ``n``.

    >>> minimum_norm_interpolation(radius=1, expected_squared_norm=50, n=1000).value >= 0.05
    True
    """
    return {"squared error": radius**2 * expected_squared_norm / n}
