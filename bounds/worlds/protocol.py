"""What a formula is written in: numbers of some world, and the world that they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

Truth = Any
"""A comparison's answer: a bool, an array of them, a sympy relation, or None where two balls overlap."""


class Number(Protocol):
    """A number of some world: a float or an array, a tensor, a ball, or a sympy expression.

    Formulas compute with ``+ - * / **`` and with the members of their ``World``; nothing else is common to all worlds. In particular
    comparisons belong to the world (``math.less``), because balls may overlap and symbols have no order.
    """

    def __add__(self, other: Any, /) -> Number: ...
    def __radd__(self, other: Any, /) -> Number: ...
    def __sub__(self, other: Any, /) -> Number: ...
    def __rsub__(self, other: Any, /) -> Number: ...
    def __mul__(self, other: Any, /) -> Number: ...
    def __rmul__(self, other: Any, /) -> Number: ...
    def __truediv__(self, other: Any, /) -> Number: ...
    def __rtruediv__(self, other: Any, /) -> Number: ...
    def __pow__(self, other: Any, /) -> Number: ...
    def __rpow__(self, other: Any, /) -> Number: ...
    def __neg__(self) -> Number: ...


class World(Protocol):
    """The ``math`` module of a number world: what a formula may call.

    There are five: floats and numpy arrays, torch tensors, balls (python-flint's ``arb``), sympy symbols, and numbers that record the steps
    they were computed by. Every member takes plain Python ints as well as the world's own numbers (``math.log(2)``). Vector inputs
    (``spectral_norms``, ``widths``) have the layer as their last axis.

    >>> from genbounds.bounds.worlds import FLOATS
    >>> float(FLOATS.sqrt(4)), float(FLOATS.log_quotient(1, 1))
    (2.0, 0.0)
    """

    @property
    def pi(self) -> Number:
        """The number pi."""
        ...

    def lift(self, value: Any, /) -> Number:
        """An exact input (an int, a Fraction, the double itself, a sequence of them) in the world's own numbers."""
        ...

    def let(self, latex: str, expression: Number, /) -> Number:
        """Name a sub-expression for printing; everywhere else it is the expression itself."""
        ...

    def ratio(self, p: int, q: int, /) -> Number:
        """The constant p/q, made in the world: a float literal would not be exact."""
        ...

    def log(self, x: Number, /) -> Number:
        """The natural logarithm."""
        ...

    def log2(self, x: Number, /) -> Number:
        """The logarithm to base 2."""
        ...

    def log1p(self, x: Number, /) -> Number:
        """ln(1 + x), without cancellation near 0."""
        ...

    def log_quotient(self, x: Number, y: Number, /) -> Number:
        """ln(x/y), also where the quotient overflows (1/delta for a tiny delta)."""
        ...

    def exp(self, x: Number, /) -> Number:
        """The exponential function."""
        ...

    def expm1(self, x: Number, /) -> Number:
        """exp(x) - 1, without cancellation near 0."""
        ...

    def one_minus_exp(self, x: Number, /) -> Number:
        """1 - exp(-x), without cancellation near 0."""
        ...

    def sqrt(self, x: Number, /) -> Number:
        """The square root."""
        ...

    def power(self, base: Number, exponent: Number, /) -> Number:
        """``base ** exponent`` for base >= 0 (any base for a square)."""
        ...

    def ceil(self, x: Number, /) -> Number:
        """The smallest whole number that is at least x."""
        ...

    def floor(self, x: Number, /) -> Number:
        """The largest whole number that is at most x, or a larger one, for upper bounds alone: it is never below.

        A ball that holds a whole number leaves it undecided, and takes the larger one; floats are padded upward first.
        """
        ...

    def absolute(self, x: Number, /) -> Number:
        """The absolute value."""
        ...

    def minimum(self, a: Number, b: Number, /) -> Number:
        """The smaller of two numbers; in balls an enclosure of it."""
        ...

    def maximum(self, a: Number, b: Number, /) -> Number:
        """The larger of two numbers; in balls an enclosure of it."""
        ...

    def less(self, a: Number, b: Number, /) -> Truth:
        """Whether a < b; undecided (None) where two balls overlap."""
        ...

    def less_equal(self, a: Number, b: Number, /) -> Truth:
        """Whether a <= b; undecided (None) where two balls overlap."""
        ...

    def where(self, condition: Truth, yes: Number, no: Number, /) -> Number:
        """``yes`` where the condition holds, else ``no``; in balls the hull of both where it is undecided."""
        ...

    def sum(self, vector: Number, /) -> Number:
        """The sum over the last axis."""
        ...

    def prod(self, vector: Number, /) -> Number:
        """The product over the last axis."""
        ...

    def largest(self, vector: Number, /) -> Number:
        """The largest entry along the last axis."""
        ...

    def smallest(self, vector: Number, /) -> Number:
        """The smallest entry along the last axis."""
        ...

    def cumulative(self, vector: Number, /) -> Number:
        """Running sums along the last axis."""
        ...

    def carried(self, steps: Number, rates: Number, kicks: Number, /) -> Number:
        """The last v_t of v_t = (1 + step_t rate_t) v_{t-1} + kick_t, from v_0 = 0, along the last axis; 1 + step_t rate_t >= 0."""
        ...

    def positions(self, vector: Number, /) -> Number:
        """1, 2, ..., one for each entry of the last axis."""
        ...

    def last(self, vector: Number, /) -> Number:
        """The last entry."""
        ...

    def with_last(self, vector: Number, scalar: Number, /) -> Number:
        """The vector with its last entry replaced."""
        ...

    def before(self, vector: Number, /) -> Number:
        """All entries but the last: entry i is the neighbour before entry i of ``after``."""
        ...

    def after(self, vector: Number, /) -> Number:
        """All entries but the first."""
        ...

    def prepend(self, scalar: Number, vector: Number, /) -> Number:
        """The vector with one more entry in front."""
        ...

    def along(self, scalar: Number, /) -> Number:
        """A scalar (one per batch element) set beside a vector: one new last axis."""
        ...

    def rows(self, vector: Number, /) -> Number:
        """A vector over the layers set beside the levels of a chain: one new axis before the last."""
        ...

    def kl_inverse(self, q: Number, c: Number, /) -> Number:
        """The largest p in [q, 1] with kl(q || p) <= c."""
        ...

    def kl_inverse_lower(self, q: Number, c: Number, /) -> Number:
        """The smallest p in [0, q] with kl(q || p) <= c."""
        ...

    def bennett_inverse(self, v: Number, c: Number, /) -> Number:
        """The largest t >= 0 with v h(t/v) <= c, where h(u) = (1 + u) ln(1 + u) - u."""
        ...

    def binomial_tail_inverse(self, k: Number, n: Number, delta: Number, /) -> Number:
        """The largest p with P(Bin(n, p) <= k) >= delta."""
        ...

    def binomial_tail_inverse_log(self, k: Number, n: Number, cost: Number, /) -> Number:
        """The largest p with P(Bin(n, p) <= k) >= exp(-cost)."""
        ...

    def change_of_compression_inverse(self, k: Number, n: Number, delta: Number, /) -> Number:
        """The eps in (k/n, 1) with delta P(Bin(n, eps) >= k + 1) = n eps C(n, k) eps^k (1 - eps)^(n - k); 1 for k = n."""
        ...

    def mixture_inverse(self, k: Number, n: Number, delta: Number, /) -> Number:
        """The p with P(Bin(n + 1, p) >= k + 1) = (n + 1) p P(Bin(n, p) = k)/delta, or 1 for k = n."""
        ...

    def capital_inverse(self, losses: Number, bets: Number, cost: Number, /) -> Number:
        """The least m at which the product of 1 + min(bet_i, 3/(4 (1 - m))) (m - loss_i) has once reached exp(cost), or 1."""
        ...

    def log_binomial_sum(self, n: Number, d: Number, /) -> Number:
        """ln of the Sauer sum: C(n, 0) + ... + C(n, d)."""
        ...

    def ceil_log2(self, n: Number, /) -> Number:
        """The smallest whole k >= 0 with 2^k >= n, for a whole number n >= 1."""
        ...

    def xi(self, n: Number, /) -> Number:
        """sum over k of C(n, k) (k/n)^k (1 - k/n)^(n - k), the moment of Maurer 2004."""
        ...

    def x_minus_log1p(self, x: Number, /) -> Number:
        """x - ln(1 + x), without cancellation near 0."""
        ...

    def log_gamma_second_increment(self, x: Number, a: Number, b: Number, /) -> Number:
        """ln (Gamma(x) Gamma(x + a + b) / (Gamma(x + a) Gamma(x + b))), for x > 0 and a, b >= 0, without cancellation."""
        ...

    def last_crossing(self, function: Callable[[Any], Any], guess: Number, /) -> Number:
        """The largest whole m with function(m) >= 0, for a concave function; ``guess`` comes from a search in floats."""
        ...


MEMBERS: tuple[str, ...] = tuple(sorted(name for name in vars(World) if not name.startswith("_")))
"""The names of the members of a world."""
