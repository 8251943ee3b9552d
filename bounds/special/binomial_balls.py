"""The two binomial-tail inverses (Clopper-Pearson limits) and log Sauer sums as rigorous enclosures.

P(Bin(n,p) ≤ k) has the derivative −(n−k) t_k/q in p, which is elementary. So the inverse is an interval Newton step
around a point: the tail itself (binomial_tail.py) is evaluated at points only, and there the one of the two tails that
is at most a half. All is in terms of the smaller of p and 1 − p, so that both come out with full relative accuracy.
"""

from flint import arb, ctx, fmpz

from genbounds.bounds.special.binomial_tail import log_choose, tail_sum
from genbounds.bounds.special.kl import kl_inverse
from genbounds.bounds.special.kl_balls import kl_inverse_ball, kl_inverse_lower_ball
from genbounds.bounds.special.precision import extra_precision, precision
from genbounds.bounds.special.rounding import at_most_one

_STEPS = 80


def binomial_tail_inverse_ball(k: int, n: int, delta: arb) -> arb:
    """Enclose max{p : P(Bin(n, p) ≤ k) ≥ delta} over the ball ``delta``, for 0 ≤ k ≤ n (nan where delta leaves (0, 1]).

    >>> binomial_tail_inverse_ball(5, 100, arb(1) / 20).overlaps(arb("0.102253377643275 +/- 1e-15"))
    True
    """
    return _over_delta(k, n, delta, upper=True)


def binomial_tail_inverse_lower_ball(k: int, n: int, delta: arb) -> arb:
    """Enclose min{p : P(Bin(n, p) ≥ k) ≥ delta} over the ball ``delta``, for 0 ≤ k ≤ n (nan where delta leaves (0, 1]).

    >>> binomial_tail_inverse_lower_ball(1, 100, arb(1) / 20).overlaps(1 - (arb(19) / 20).root(100))
    True
    """
    return _over_delta(n - k, n, delta, upper=False)


def _over_delta(k: int, n: int, delta: arb, *, upper: bool) -> arb:
    """Give the p (``upper``) or the 1 − p where P(Bin(n, p) ≤ k) = delta."""
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"a count must lie in [0, n] with n at least 1, got {k} and n={n}: count on the same examples")
    side = 0 if upper else 1
    if not (delta > 0 and delta <= 1):
        return arb.nan()
    if k == n:
        return arb(1 - side)
    if delta.is_exact() or min(delta.rel_accuracy_bits(), (1 - delta).rel_accuracy_bits()) > 40:
        value = +_solve(k, n, delta)[side]
    else:
        ends = _solve(k, n, delta.upper().min(arb(1))), _solve(k, n, delta.lower())
        value = (+ends[0][side]).union(+ends[1][side])
    return at_most_one(value)


def log_binomial_sum_ball(n: int, d: int) -> arb:
    """Enclose ln Σ_{i≤d} C(n, i) for n ≥ 0 and d ≥ 0.

    >>> log_binomial_sum_ball(10000, 10).overlaps(arb("76.995491022606 +/- 1e-12"))
    True
    """
    if n < 0 or d < 0:
        raise ValueError(f"n and d must not be negative, got n={n} and d={d}: pass a sample size and a VC dimension")
    if d == 0 or n == 0:
        return arb(0)
    bits = ctx.prec
    with extra_precision(2 * n.bit_length() + 24):
        whole = n * arb(2).log()
        if d >= n:
            value = whole
        else:
            near = min(d, n - d - 1)
            value = log_choose(n, near) + _log_tail_sum(near, n, bits)
            if near != d:
                value = whole + (-(value - whole).exp()).log1p()
            elif 2 * d + 1 == n:
                value = whole - arb(2).log()
    return +value


def _log_tail_sum(k: int, n: int, bits: int) -> arb:
    """Enclose ln(Σ_{i≤k} C(n, i) / C(n, k)) for k < n/2; the sum is at most exp(n h(k/n)), h the entropy, and at least C(n, k)."""
    try:
        return tail_sum(k, n, arb(0.5), arb(0.5), bits).log()
    except ArithmeticError:  # in corners far beyond n = 2^53
        share = arb(fmpz(k)) / n
        entropy = -k * share.log() - (n - k) * (-share).log1p()
        return arb(0).union((entropy - log_choose(n, k)).upper())


class _Point:
    """The tail that is at most a half, and its derivative, at p = y (or at q = y, where q is the smaller)."""

    def __init__(self, k: int, n: int, y: arb, bits: int, *, small_p: bool, low: bool) -> None:
        p, q = (y, 1 - y) if small_p else (1 - y, y)
        log_p, log_q = (p.log(), (-p).log1p()) if small_p else ((-q).log1p(), q.log())
        log_t = log_choose(n, k) + k * log_p + (n - k) * log_q
        self.density = log_t.exp() * (n - k) / q  # −d/dp P(Bin(n,p) ≤ k)
        if low:
            self.tail = log_t.exp() * tail_sum(k, n, p, q, bits)
        else:  # P(Bin(n,p) ≥ k+1), from t_{k+1} = t_k (n−k)/(k+1) p/q
            self.tail = log_t.exp() * (n - k) * p / ((k + 1) * q) * tail_sum(n - k - 1, n, q, p, bits)
        self.bend = k / y - (n - k - 1) / (1 - y) if small_p else (n - k - 1) / y - k / (1 - y)


def _solve(k: int, n: int, delta: arb) -> tuple[arb, arb]:
    """Enclose p and 1 − p where P(Bin(n, p) ≤ k) = delta, both with full relative accuracy; k < n."""
    bits = max(64, min(ctx.prec - 16, 120))
    if delta == 1:
        return arb(0), arb(1)
    with precision(bits + 2 * n.bit_length() + 40):
        if k == 0:
            rate = delta.log() / n
            return -rate.expm1(), rate.exp()
        if k == n - 1:
            rate = (-delta).log1p() / n
            return rate.exp(), -rate.expm1()
        low = delta < 0.5
        target = delta if low else 1 - delta
        y, small_p = _guess(k, n, delta, target, low)
        try:
            y = _newton(k, n, y, target, bits, small_p=small_p, low=low)
        except ArithmeticError:  # in corners far beyond n = 2^53
            return _by_chernoff(k, n, delta)
        return (y, 1 - y) if small_p else (1 - y, y)


def _by_chernoff(k: int, n: int, delta: arb) -> tuple[arb, arb]:
    """Enclose p and 1 − p by Chernoff's bound on either tail: about one standard deviation wide, whatever k, n and delta.

    P(Bin(n,p) ≤ k) ≤ exp(−n kl(k/n‖p)) for p ≥ k/n gives p ≤ kl⁻¹(k/n, ln(1/delta)/n), and the same bound on P(Bin(n,p) ≥ k + 1) =
    1 − delta gives p ≥ kl⁻¹((k + 1)/n, ln(1/(1 − delta))/n), the lower inverse.
    """
    below, above = -delta.log() / n, -(-delta).log1p() / n
    p = kl_inverse_lower_ball(arb(fmpz(k + 1)) / n, above).union(kl_inverse_ball(arb(fmpz(k)) / n, below))
    q = kl_inverse_lower_ball(arb(fmpz(n - k)) / n, below).union(kl_inverse_ball(arb(fmpz(n - k - 1)) / n, above))
    return p, q


def _newton(k: int, n: int, y: arb, target: arb, bits: int, *, small_p: bool, low: bool) -> arb:
    """Polish the guess by Newton steps on the log tail, until an interval step proves a tight enclosure."""
    sign = 1 if low == small_p else -1  # of d ln tail / d y, negated
    goal = arb(2) ** -(bits - 24)
    best: arb | None = None
    for _ in range(_STEPS):
        at = _Point(k, n, y, bits, small_p=small_p, low=low)
        excess = at.tail / target
        if abs(excess - 1) < 0.01:
            proved = _interval_step(y, sign * (at.tail - target) / at.density, n, k, small_p)
            if proved is not None:
                if proved.rad() < goal * y or (best is not None and proved.rad() * 2 > best.rad()):
                    return proved
                best, y = proved, proved.mid()
                continue
        step = (sign * excess.log() * at.tail / at.density).mid()
        # A tail that rises with y is about a power of y, one that falls is log-concave: neither step overshoots.
        moved = y * (step / y).exp() if sign < 0 else y + step
        y = (moved if moved > y / 4 else y / 4).mid()
        y = y if y < 1 else arb(0.75)
    if best is None:
        raise ArithmeticError(f"the binomial tail at k={k}, n={n} could not be inverted")
    return best


def _interval_step(y: arb, step: arb, n: int, k: int, small_p: bool) -> arb | None:
    """Prove that the root lies in y + step / R, with R the range of density(ξ)/density(y) for ξ between.

    The step is proved where it stays inside the interval that R was taken over; elsewhere this is None.
    """
    radius = (2 * abs(step) + y * arb(2) ** -(ctx.prec - 20)).upper()
    around = y + radius * arb(0, 1)
    if not (around > 0 and around < 1):
        return None
    mine, other = (k, n - k - 1) if small_p else (n - k - 1, k)
    ratio = ((mine / around - other / (1 - around)) * radius * arb(0, 1)).exp()
    move = step / ratio
    return y + move if abs(move) < radius else None


def _guess(k: int, n: int, delta: arb, target: arb, low: bool) -> tuple[arb, bool]:
    """Guess the smaller of p and 1 − p in floats; any guess will do. Tell whether it is p."""
    from scipy.special import betainccinv, betaincinv

    d = float(target)
    a, b = k + 1.0, float(n - k)
    p = float(betainccinv(a, b, d) if low else betaincinv(a, b, d))
    q = float(betaincinv(b, a, d) if low else betainccinv(b, a, d))
    if 1e-300 < p < 1 and 1e-300 < q < 1:
        return (arb(p), True) if p <= 0.5 else (arb(q), False)
    level = -_float_log(target) / n
    falling = float(kl_inverse(k / n if low else (n - k - 1) / n, level))  # of p if low, else of q
    if falling <= 0.5:
        return arb(falling), low
    power = n - k if low else k + 1  # the tail is at most C(n, power) y^power
    return ((target.log() - log_choose(n, power)) / power).exp().mid(), not low


def _float_log(x: arb) -> float:
    return float(x.log().mid())
