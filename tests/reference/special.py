"""Independent 60-digit references for the special functions: bisection, and sums written out term by term.

Nothing of the library is imported. Arguments are taken exactly: an int or a Fraction as the rational it is, a float
as the dyadic rational it stores. Every function returns an mpf that is right to more than 50 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, wraps
from math import comb
from typing import Any, TypeVar

from mpmath import mp, mpf

DIGITS = 60
Result = TypeVar("Result")


def sixty_digits(function: Callable[..., Result]) -> Callable[..., Result]:
    """Run ``function`` with 60 significant digits, whatever the precision of the caller."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Result:
        with mp.workdps(DIGITS):
            return function(*args, **kwargs)

    return wrapped


def rational(x: Any) -> Fraction:
    """The exact rational of an int, a Fraction, a float or a finite mpf."""
    if isinstance(x, mpf):
        sign, mantissa, exponent, _ = x._mpf_
        return Fraction(int(mantissa)) * Fraction(2) ** exponent * (-1 if sign else 1)
    return Fraction(x)


def exact(x: Any) -> Any:
    """``x`` as an mpf of the working precision; an mpf passes unrounded."""
    if isinstance(x, mpf):
        return x
    ratio = Fraction(x)
    return mpf(ratio.numerator) / mpf(ratio.denominator)


def log_inverse(delta: Any) -> Any:
    """ln(1/delta)."""
    return -mp.log(exact(delta))


@sixty_digits
def kl(q: Any, p: Any) -> Any:
    """kl(q || p) between Bernoulli laws, with 0 ln 0 = 0 and +inf where q charges what p does not."""
    q, p = exact(q), exact(p)
    with mp.extradps(60):
        total = mpf(0)
        if q > 0:
            if p <= 0:
                return mp.inf
            total += q * mp.log(q / p)
        if q < 1:
            if p >= 1:
                return mp.inf
            total += (1 - q) * (mp.log1p(-q) - mp.log1p(-p))
    return +total


def _bisect(q: Any, c: Any, inside: Any, outside: Any) -> Any:
    """The p between ``inside`` (kl <= c) and ``outside`` (kl > c, or the end of the interval), to 1e-62 of itself."""
    with mp.workdps(110):
        # kl(q || p) = entropy - q ln p - (1-q) ln(1-p), the entropy of q computed once.
        entropy = (q * mp.log(q) if q > 0 else 0) + ((1 - q) * mp.log1p(-q) if q < 1 else 0)
        width = mpf(10) ** -62
        while abs(outside - inside) > width * max(inside, outside):
            far = max(inside, outside) > 16 * min(inside, outside)
            p = mp.sqrt(inside * outside) if far else (inside + outside) / 2
            value = entropy - (q * mp.log(p) if q > 0 else 0) - ((1 - q) * mp.log1p(-p) if q < 1 else 0)
            if value <= c:
                inside = p
            else:
                outside = p
        return (inside + outside) / 2


@sixty_digits
def kl_inverse(q: Any, c: Any) -> Any:
    """sup{p in [q, 1]: kl(q || p) <= c}, by some 200 bisections."""
    q, c = exact(q), exact(c)
    if q >= 1 or c <= 0:
        return q
    if c > 10**6:
        # 1 - p <= exp(-(c - ln 2)/(1 - q)): nothing in 60 digits, q being at most 1 less its last digit.
        return mpf(1)
    # kl_inverse(q, c) >= kl_inverse(0, c) = 1 - exp(-c) >= c/(1+c)
    return +_bisect(q, c, max(q, c / (1 + c)), mpf(1))


@sixty_digits
def kl_inverse_lower(q: Any, c: Any) -> Any:
    """inf{p in [0, q]: kl(q || p) <= c}, by some 200 bisections."""
    q, c = exact(q), exact(c)
    if q <= 0 or c <= 0:
        return q
    # kl(q || p) >= q ln(1/p) - ln 2 is above c at this p.
    exponent = (c + 1) / q
    if exponent > 10**9:
        return mpf(0)  # e^(-10^9) and less: below every float
    return +_bisect(q, c, q, mp.exp(-exponent))


def _scaled_tail(k: int, n: int, odds: Any) -> Any:
    """sum_{i<=k} C(n,i) odds^i divided by its last term: 1 + r_k + r_k r_{k-1} + ..., r_i = i/((n-i+1) odds).

    Summed downwards from i = k in fixed point with 400 bits, until a term no longer counts.
    """
    bits = 400
    one = 1 << bits
    inverse = int(mp.floor(mp.ldexp(1 / odds, bits)))
    total = term = one
    for i in range(k, 0, -1):
        term = ((term * inverse) >> bits) * i // (n - i + 1)
        total += term
        # With terms that still rise (odds below the mode) ``term`` is never small beside ``total``.
        if term << 290 < total:
            break
    return mp.ldexp(mpf(total), -bits)


def _log_comb(n: int, k: int) -> Any:
    if n <= 3000:
        return mp.log(mpf(comb(n, k)))
    return mp.loggamma(mpf(n) + 1) - mp.loggamma(mpf(k) + 1) - mp.loggamma(mpf(n - k) + 1)


@sixty_digits
def binomial_log_tail(k: int, n: int, p: Any) -> Any:
    """ln P(Bin(n, p) <= k), by direct summation."""
    with mp.workdps(110):
        p = exact(p)
        value = _log_comb(n, k) + k * mp.log(p) + (n - k) * mp.log(1 - p) + mp.log(_scaled_tail(k, n, p / (1 - p)))
    return +value


@sixty_digits
def binomial_tail_inverse(k: int, n: int, delta: Any = None, *, log_inverse_delta: Any = None) -> Any:
    """max{p: P(Bin(n, p) <= k) >= delta}: a bracket that is halved, or cut by a Newton step where that falls inside.

    ``log_inverse_delta`` = ln(1/delta) in place of ``delta`` allows failure probabilities below any float.
    The last bracket is relative 1e-56 wide and both its ends were tested by the direct sum.
    """
    k, n = int(k), int(n)
    if k >= n:
        return mpf(1)
    with mp.workdps(110):
        target = -exact(log_inverse_delta) if log_inverse_delta is not None else mp.log(exact(delta))
        choose = _log_comb(n, k)

        def excess(p: Any) -> tuple[Any, Any]:
            scaled = _scaled_tail(k, n, p / (1 - p))
            value = choose + k * mp.log(p) + (n - k) * mp.log(1 - p) + mp.log(scaled) - target
            # d/dp P(Bin <= k) = -(n-k) C(n,k) p^k (1-p)^(n-k-1)
            return value, -(n - k) / ((1 - p) * scaled)

        low, high = mpf(0), mpf(1)
        p = (mpf(k) + 1) / (mpf(n) + 1)
        width = mpf(10) ** -56
        for _ in range(600):
            value, slope = excess(p)
            if value >= 0:
                low = p
            else:
                high = p
            if high - low <= width * high:
                break
            newton = p - value / slope
            # Step a little past the root, so that the bracket closes from both sides.
            newton += (1 if value >= 0 else -1) * width * newton / 4
            p = newton if low < newton < high else (low + high) / 2
        else:
            raise ArithmeticError("the bracket did not close")
    return +high


@lru_cache(maxsize=4096)
@sixty_digits
def log_sauer_sum(n: int, d: int) -> Any:
    """ln sum_{i<=d} C(n, i): Python integers while they are small, else the downward sum or its complement."""
    n, d = int(n), int(d)
    if d >= n:
        return n * mp.log(2)
    if d <= 300 or n <= 1500:
        total, term = 1, 1
        for i in range(1, d + 1):
            term = term * (n - i + 1) // i
            total += term
        return mp.log(mpf(total))
    with mp.workdps(110):
        if 2 * d < n:
            value = _log_comb(n, d) + mp.log(_scaled_tail(d, n, mpf(1)))
        else:
            rest = _log_comb(n, n - d - 1) + mp.log(_scaled_tail(n - d - 1, n, mpf(1)))
            value = n * mp.log(2) + mp.log1p(-mp.exp(rest - n * mp.log(2)))
    return +value


def xi_by_definition(n: int) -> Any:
    """sum_k C(n,k) (k/n)^k (1-k/n)^(n-k) = (1/n^n) sum_k C(n,k) k^k (n-k)^(n-k), term by term."""
    with mp.workdps(DIGITS + 15):
        powers = [mpf(1)] + [mpf(k) ** k for k in range(1, n + 1)]
        total, choose = mpf(0), 1
        for k in range(n + 1):
            total += mpf(choose) * powers[k] * powers[n - k]
            choose = choose * (n - k) // (k + 1)
        value = total / mpf(n) ** n
    with mp.workdps(DIGITS):
        return +value


def xi_by_falling_factorials(n: int) -> Any:
    """sum_{j=0}^n n!/((n-j)! n^j), in fixed point with 300 bits."""
    bits = 300
    total = term = 1 << bits
    for j in range(n):
        term = term * (n - j) // n
        if not term:
            break
        total += term
    with mp.workdps(DIGITS):
        return mp.ldexp(mpf(total), -bits)


def xi_by_integral(n: int) -> Any:
    """int_0^inf e^{-t} (1+t/n)^n dt, the integral of the falling factorials, with t = sqrt(n) u."""
    with mp.workdps(DIGITS + 30):
        root = mp.sqrt(mpf(n))

        def integrand(u: Any) -> Any:
            t = root * u
            return mp.exp(n * mp.log1p(t / n) - t)

        value = root * mp.quad(integrand, [0, 2, 4, 7, 11, 16, 24])
    with mp.workdps(DIGITS):
        return +value


@lru_cache(maxsize=4096)
def xi(n: int) -> Any:
    """Maurer's xi(n): the definition to n = 400, falling factorials to 10^7, the integral beyond."""
    n = int(n)
    if n <= 400:
        return xi_by_definition(n)
    return xi_by_falling_factorials(n) if n <= 10**7 else xi_by_integral(n)
