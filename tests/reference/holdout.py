"""Independent 60-digit references for the held-out bounds (sheet A1-A8, J3)."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf

from tests.reference.special import _log_comb, _scaled_tail, binomial_tail_inverse, exact, kl_inverse, log_inverse, rational, sixty_digits


@sixty_digits
def hoeffding(*, empirical_risk: Any, n: int, delta: Any) -> Any:
    return exact(empirical_risk) + mp.sqrt(log_inverse(delta) / (2 * exact(n)))


@sixty_digits
def clopper_pearson(*, errors: int, n: int, delta: Any) -> Any:
    return binomial_tail_inverse(errors, n, delta)


@sixty_digits
def chernoff_kl(*, empirical_risk: Any, n: int, delta: Any) -> Any:
    return kl_inverse(exact(empirical_risk), log_inverse(delta) / exact(n))


@sixty_digits
def empirical_bernstein(*, empirical_risk: Any, variance: Any, n: int, delta: Any) -> Any:
    n = exact(n)
    cost = mp.log(2) + log_inverse(delta)
    return exact(empirical_risk) + mp.sqrt(2 * exact(variance) * cost / n) + 7 * cost / (3 * (n - 1))


@sixty_digits
def maurer2009finite_class(*, empirical_risk: Any, variance: Any, n: int, class_size: int, delta: Any) -> Any:
    # The bound of one hypothesis at its share of delta.
    return empirical_bernstein(empirical_risk=empirical_risk, variance=variance, n=n, delta=rational(delta) / int(class_size))


@sixty_digits
def bernstein(*, empirical_risk: Any, variance_bound: Any, n: int, delta: Any, loss_range: Any = 1) -> Any:
    # The positive root of n x^2 / (2 sigma^2 + 2 C x / 3) = ln(1/delta), the tail of Bernstein's inequality.
    n, cost, variance, span = exact(n), log_inverse(delta), exact(variance_bound), exact(loss_range)
    b = 2 * span * cost / 3
    return exact(empirical_risk) + (b + mp.sqrt(b * b + 8 * n * variance * cost)) / (2 * n)


@sixty_digits
def bennett(*, empirical_risk: Any, variance_bound: Any, n: int, delta: Any, loss_range: Any = 1) -> Any:
    # Bisection on Bennett's exponent n (s^2/C^2) h(C t/s^2) = ln(1/delta), h(u) = (1 + u) ln(1 + u) - u.
    n, cost, variance, span = exact(n), log_inverse(delta), exact(variance_bound), exact(loss_range)
    if variance == 0:
        return exact(empirical_risk)
    level = cost * span**2 / (n * variance)
    with mp.workdps(90 + 2 * abs(int(mp.log10(level)))):

        def h(u: Any) -> Any:
            return (1 + u) * mp.log(1 + u) - u

        low, high = mp.mpf(0), level + mp.sqrt(2 * level)  # h(u) >= u^2/(2 + 2 u/3) is at least the level there
        assert h(high) >= level
        low = high / 4
        while h(low) > level:
            low /= 2
        for _ in range(240):
            middle = (low + high) / 2
            low, high = (middle, high) if h(middle) <= level else (low, middle)
    return exact(empirical_risk) + variance / span * high


@sixty_digits
def finite_class(*, empirical_risk: Any, n: int, class_size: int, delta: Any) -> Any:
    return exact(empirical_risk) + mp.sqrt((mp.log(exact(class_size)) + log_inverse(delta)) / (2 * exact(n)))


@sixty_digits
def occam_kl(*, empirical_risk: Any, n: int, log_inverse_prior: Any, delta: Any) -> Any:
    return kl_inverse(exact(empirical_risk), (exact(log_inverse_prior) + log_inverse(delta)) / exact(n))


@sixty_digits
def occam_binomial(*, errors: int, n: int, log_inverse_prior: Any, delta: Any) -> Any:
    return binomial_tail_inverse(errors, n, log_inverse_delta=exact(log_inverse_prior) + log_inverse(delta))


@sixty_digits
def campi2023compression(*, size: int, n: int, delta: Any) -> Any:
    """A bracket of the root of ln Psi, cut by secants (Illinois) until it is relative 1e-58 wide."""
    size, n = int(size), int(n)
    if size == n:
        return mp.mpf(1)
    with mp.workdps(160):
        choose, log_delta = _log_comb(n, size), -log_inverse(delta)

        def log_psi(s: Any) -> Any:
            p, q = 1 / (1 + mp.exp(-s)), 1 / (1 + mp.exp(s))
            if n * p < size:  # what is left of 1/term - tail is its other tail, which has next to nothing left after a subtraction
                other = _scaled_tail(n - size - 1, n, q / p) * (n - size) * p / ((size + 1) * q)
            else:
                other = mp.exp(-choose - size * mp.log(p) - (n - size) * mp.log(q)) - _scaled_tail(size, n, p / q)
            return log_delta + mp.log(other) - mp.log(n * p)

        low, high = mp.mpf(-1), mp.mpf(1)
        while log_psi(low) > 0:
            low *= 2
        while log_psi(high) < 0:
            high *= 2
        below, above, side = log_psi(low), log_psi(high), 0
        while high - low > mp.mpf(10) ** -58:
            middle = (low * above - high * below) / (above - below)
            if not low < middle < high:
                break
            value = log_psi(middle)
            if value == 0:
                low = high = middle
            elif value < 0:
                low, below, above, side = middle, value, above / 2 if side < 0 else above, -1
            else:
                high, above, below, side = middle, value, below / 2 if side > 0 else below, 1
            if min(abs(value), high - low) < mp.mpf(10) ** -70:
                low = high = middle
        return 1 / (1 + mp.exp(-high))


@sixty_digits
def sample_compression(*, errors: int, n: int, size: int, delta: Any, bits: int = 0) -> Any:
    sets = mp.log(mp.binomial(int(n), int(size))) + mp.log((int(size) + 1) * (int(size) + 2))
    return binomial_tail_inverse(errors, int(n) - int(size), log_inverse_delta=sets + int(bits) * mp.log(2) + log_inverse(delta))


@sixty_digits
def kawaguchi2017validation(
    *, empirical_risk: Any, n: int, candidates: int, variance_bound: Any, delta: Any, loss_range: Any = 1, form: str = ""
) -> Any:
    if form == "bennett":
        share = rational(delta) / int(candidates)
        return bennett(empirical_risk=empirical_risk, variance_bound=variance_bound, n=n, delta=share, loss_range=loss_range)
    n, cost = exact(n), mp.log(exact(candidates)) + log_inverse(delta)
    first = 2 * exact(loss_range) * cost / (3 * n)
    return exact(empirical_risk) + first + mp.sqrt(2 * exact(variance_bound) * cost / n)


@sixty_digits
def progressive_validation(*, online_risk: Any, n: int, rate: Any, delta: Any) -> Any:
    # The product form of the supermartingale at its threshold: (1 - (1 - e^-rate) R)^n = delta e^(-rate n M).
    rate = exact(rate)
    with mp.extradps(60):
        level = mp.exp(-rate * exact(online_risk)) * exact(delta) ** (1 / exact(n))
        return (1 - level) / (1 - mp.exp(-rate))


@sixty_digits
def disagreement(*, surrogate_risk: Any, disagreements: int, unlabelled: int, delta: Any) -> Any:
    return exact(surrogate_risk) + binomial_tail_inverse(disagreements, unlabelled, delta)


@sixty_digits
def confidence_sequence(*, errors: int, n: int, delta: Any) -> Any:
    # The integral of u^k ((1 - p u)/(1 - p))^(n - k) over [0, 1], by parts k times: a sum of powers; the root by the Illinois method.
    k, n, cost = int(errors), int(n), log_inverse(delta)
    if k == n:
        return mp.mpf(1)
    with mp.workdps(110 + 2 * len(str(n))):
        choose = [mp.mpf(math.comb(n + 1, j)) for j in range(k + 2)]

        def excess(x: Any) -> Any:
            odds = mp.exp(x)
            above = 1 - mp.fsum(choose[j] * odds**j for j in range(k + 1)) / (1 + odds) ** (n + 1)  # P(Bin(n + 1, p) >= k + 1)
            return mp.log(above / ((k + 1) * choose[k + 1] * odds ** (k + 1))) + (n + 1) * mp.log1p(odds) - cost

        low, high = mp.log(mp.mpf(k + 1) / (n - k)), mp.log(mp.mpf(k + 1) / (n - k))
        while excess(low) > 0:
            low -= 4
        while excess(high) < 0:
            high += 4
        root = mp.findroot(excess, (low, high), solver="illinois", tol=mp.mpf(10) ** -130, maxsteps=200, verify=False)
        return 1 / (1 + mp.exp(-root))


def _predictions(losses: Any) -> tuple[list[Any], list[Any]]:
    """Running means and variances, drawn to 1/2 and 1/4, before each loss, by their recursions."""
    mean, square, means, variances = mp.mpf(1) / 2, mp.mpf(1) / 4, [], []
    for t, loss in enumerate(losses, 1):
        means.append(mean)
        variances.append(square / t)
        mean = (mean * t + exact(loss)) / (t + 1)
        square += (exact(loss) - mean) ** 2
    return means, variances


@sixty_digits
def betting(*, losses: Any, delta: Any, form: str = "") -> Any:
    # Bisection on the mean, the capital multiplied up loss by loss.
    with mp.extradps(40):
        cost, (_, variances) = log_inverse(delta), _predictions(losses)
        clock = [mp.mpf(len(losses)) if form else t * mp.log(t + 1) for t in range(1, len(losses) + 1)]
        bets = [mp.sqrt(2 * cost / (variance * tick)) for variance, tick in zip(variances, clock, strict=True)]

        def rich(m: Any) -> bool:
            capital = mp.mpf(1)
            for loss, bet in zip(losses, bets, strict=True):
                capital *= 1 + min(bet, mp.mpf(3) / (4 * (1 - m))) * (m - exact(loss))
                if capital >= 1 / exact(delta):
                    return True
            return False

        low, high = mp.mpf(0), mp.mpf(1)
        for _ in range(260):
            middle = (low + high) / 2
            low, high = (low, middle) if rich(middle) else (middle, high)
    return +high


@sixty_digits
def empirical_bernstein_sequence(*, losses: Any, delta: Any, index: int) -> Any:
    with mp.extradps(40):
        rate = mp.mpf(2) ** (-mp.mpf(index) / 2)
        psi = -mp.log(1 - rate) - rate
        cost = mp.log(index * (index + 1) / exact(delta))
        total, spread, least = mp.mpf(0), mp.mpf(0), mp.inf
        for t, (loss, guess) in enumerate(zip(losses, _predictions(losses)[0], strict=True), 1):
            total += exact(loss)
            spread += (exact(loss) - guess) ** 2
            least = min(least, (total + (cost + psi * spread) / rate) / t)
    return least


@sixty_digits
def adaptive_reuse(*, empirical_risk: Any, n: int, queries: int, delta: Any) -> Any:
    # The nodes of the tree of answers, (n+1)^i at depth i < queries, counted in integers.
    nodes = ((int(n) + 1) ** int(queries) - 1) // int(n)
    return exact(empirical_risk) + mp.sqrt((mp.log(nodes) + log_inverse(delta)) / (2 * exact(n)))


@sixty_digits
def adaptive_reuse_rounded(*, empirical_risk: Any, n: int, queries: int, bits: int, delta: Any) -> Any:
    nodes = sum(2 ** (int(bits) * i) for i in range(int(queries)))
    return exact(empirical_risk) + mp.sqrt((mp.log(nodes) + log_inverse(delta)) / (2 * exact(n)))


@sixty_digits
def compression(*, empirical_risk: Any, n: int, bits: int, delta: Any, code: str = "prefix") -> Any:
    cost = int(bits) * mp.log(2) + log_inverse(delta)
    if code == "plain":
        cost += mp.log(int(bits) * (int(bits) + 1))
    return kl_inverse(exact(empirical_risk), cost / exact(n))


@sixty_digits
def online_to_batch(*, online_risk: Any, n: int, delta: Any, form: str = "derived") -> Any:
    return exact(online_risk) + {"derived": 1, "printed": 2}[form] * mp.sqrt(log_inverse(delta) / (2 * exact(n)))


@sixty_digits
def cesabianchi2008improved(*, online_risk: Any, n: int, delta: Any) -> Any:
    n, risk = exact(n), exact(online_risk)
    cost = mp.log(n * risk + 3) + log_inverse(delta)
    return risk + 36 * cost / n + 2 * mp.sqrt(risk * cost / n)


@sixty_digits
def realizable_finite_class(*, n: int, class_size: int, delta: Any) -> Any:
    return (mp.log(exact(class_size)) + log_inverse(delta)) / exact(n)


@sixty_digits
def ladder(*, reported_risk: Any, n: int, queries: int, step: Any, delta: Any) -> Any:
    # -2 e^2 n + (1/h + 2) ln(4k/h) + 1 = ln(delta), solved for e.
    h = exact(step)
    exponent = (1 / h + 2) * mp.log(4 * exact(queries) / h) + 1 + log_inverse(delta)
    return exact(reported_risk) + h + mp.sqrt(exponent / (2 * exact(n)))


@sixty_digits
def split_kl(*, segment_risks: Any, gaps: Any, n: int, delta: Any) -> Any:
    cost = (mp.log(len(gaps)) + log_inverse(delta)) / exact(n)
    return mp.fsum(exact(gap) * kl_inverse(exact(risk), cost) for risk, gap in zip(segment_risks, gaps, strict=True))


@sixty_digits
def unexpected_bernstein_at(
    *, index: int, empirical_risk: Any, second_moment: Any, n: int, delta: Any, highest: Any = 1, kl: Any = 0
) -> Any:
    """1 - l R as a product of powers, at C = 2^(j/2) and the confidence delta/(1.5 (|j| + 1)(|j| + 2)); solved for R."""
    paid = rational(delta) / (Fraction(3, 2) * (abs(index) + 1) * (abs(index) + 2))
    with mp.extradps(80):
        b, kept = exact(highest), mp.exp(-(mpf(2) ** (mpf(index) / 2)))
        share = (1 - kept) / b
        second = exact(second_moment) / b**2
        left = kept**second * mp.exp((1 - kept) * second - share * exact(empirical_risk))
        return (1 - left * (exact(paid) * mp.exp(-exact(kl))) ** (1 / exact(n))) / share


@sixty_digits
def linear_unexpected_bernstein_at(
    *, index: int, empirical_risk: Any, second_moment: Any, n: int, delta: Any, highest: Any = 1, kl: Any = 0
) -> Any:
    """The sum of three at l = 1/(2^i b), at the confidence delta/(i (i + 1)); psi as the series l b^2/2 + ..."""
    with mp.extradps(60):
        b, share = exact(highest), mpf(2) ** -index
        psi = mp.fsum(share**k / k for k in range(2, 2 + mp.prec // index))
        paid = exact(kl) + log_inverse(rational(delta) / (index * (index + 1)))
        return exact(empirical_risk) + psi * exact(second_moment) / (share * b) + paid * b / (share * exact(n))
