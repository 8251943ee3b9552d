"""Independent 60-digit references for the PAC-Bayes bounds (sheet E)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import mp, mpf

from tests.reference.special import binomial_tail_inverse, exact, kl_inverse, kl_inverse_lower, log_inverse, rational, sixty_digits, xi


def _complexity(kl: Any, n: int, delta: Any) -> Any:
    """c = (KL + ln(2 sqrt(n)/delta))/n."""
    n = exact(n)
    return (exact(kl) + mp.log(2 * mp.sqrt(n)) + log_inverse(delta)) / n


@sixty_digits
def seeger2002(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    return kl_inverse(exact(empirical_risk), (exact(kl) + mp.log(xi(int(n))) + log_inverse(delta)) / exact(n))


@sixty_digits
def maurer2004(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    return kl_inverse(exact(empirical_risk), _complexity(kl, n, delta))


@sixty_digits
def langford2001(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    n = exact(n)
    return kl_inverse(exact(empirical_risk), (exact(kl) + mp.log(n + 1) + log_inverse(delta)) / n)


@sixty_digits
def mcallester(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    return exact(empirical_risk) + mp.sqrt(_complexity(kl, n, delta) / 2)


@sixty_digits
def mcallester1999(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    n = exact(n)
    cost = exact(kl) + log_inverse(delta) + mpf(5) / 2 * mp.log(n) + 8
    return exact(empirical_risk) + mp.sqrt(cost / (2 * n - 1))


@sixty_digits
def mcallester2003(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    n = exact(n)
    return exact(empirical_risk) + mp.sqrt((exact(kl) + log_inverse(delta) + mp.log(n) + 2) / (2 * n - 1))


@sixty_digits
def catoni(*, empirical_risk: Any, kl: Any, n: int, temperature: Any, delta: Any) -> Any:
    rate = exact(temperature)
    with mp.extradps(30):
        exponent = rate * exact(empirical_risk) + (exact(kl) + log_inverse(delta)) / exact(n)
        return (1 - mp.exp(-exponent)) / (1 - mp.exp(-rate))


@sixty_digits
def thiemann(*, empirical_risk: Any, kl: Any, n: int, weight: Any, delta: Any) -> Any:
    weight = exact(weight)
    return (exact(empirical_risk) + _complexity(kl, n, delta) / weight) / (1 - weight / 2)


@sixty_digits
def quadratic(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    half = _complexity(kl, n, delta) / 2
    return (mp.sqrt(exact(empirical_risk) + half) + mp.sqrt(half)) ** 2


@sixty_digits
def tolstikhin_seldin(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    risk, c = exact(empirical_risk), _complexity(kl, n, delta)
    return risk + mp.sqrt(2 * risk * c) + 2 * c


@sixty_digits
def disintegrated(*, empirical_risk: Any, log_ratio: Any, n: int, delta: Any) -> Any:
    c = (exact(log_ratio) + mp.log(xi(int(n))) + log_inverse(delta)) / exact(n)
    return kl_inverse(exact(empirical_risk), max(c, mpf(0)))


@sixty_digits
def monte_carlo_risk(*, sampled_risk: Any, draws: int, delta: Any) -> Any:
    return kl_inverse(exact(sampled_risk), log_inverse(delta) / exact(draws))


@sixty_digits
def monte_carlo_errors(*, errors: int, pairs: int, delta: Any) -> Any:
    return binomial_tail_inverse(errors, pairs, delta)


@sixty_digits
def gaussian_kl(*, mean_q: Any, std_q: Any, mean_p: Any, std_p: Any) -> Any:
    """Diagonal Gaussians, each argument a sequence or a number that stands for all coordinates."""
    vectors = [list(v) if hasattr(v, "__len__") else None for v in (mean_q, std_q, mean_p, std_p)]
    length = max((len(v) for v in vectors if v is not None), default=1)
    columns = [
        [exact(x) for x in v] if v is not None and len(v) == length else [exact(v[0] if v is not None else scalar)] * length
        for v, scalar in zip(vectors, (mean_q, std_q, mean_p, std_p), strict=True)
    ]
    total = mpf(0)
    with mp.workdps(700):  # squares of shifts as small as 1e-300 beside logarithms that cancel
        for mu_q, s_q, mu_p, s_p in zip(*columns, strict=True):
            total += mp.log(s_p / s_q) + (s_q**2 + (mu_q - mu_p) ** 2) / (2 * s_p**2) - mpf(1) / 2
    return +total


@sixty_digits
def gaussian_kl_blocks(*, distances: Any, sizes: Any, std_q: Any, std_p: Any) -> Any:
    """The isotropic formula of each block, with its k and its distance: (k s^2/S^2 - k + d^2/S^2 + k ln(S^2/s^2))/2."""
    total = mpf(0)
    with mp.workdps(700):
        for d, k, s, big_s in zip(distances, sizes, std_q, std_p, strict=True):
            square = exact(big_s) ** 2
            total += (int(k) * exact(s) ** 2 / square - int(k) + exact(d) ** 2 / square + int(k) * mp.log(square / exact(s) ** 2)) / 2
    return +total


@sixty_digits
def gaussian_kl_blocks_at_scales(
    *, index: list[int], distances: Any, sizes: Any, std_q: Any, largest_variance: Any = Fraction(1, 10), precision: Any = 100
) -> Any:
    """KL from the prior of variance c exp(-j/b) on each block, and the ln(pi^2 j^2/6) of every block's weight."""
    total = mpf(0)
    with mp.extradps(40):
        for j, d, k, s in zip(index, distances, sizes, std_q, strict=True):
            variance = exact(largest_variance) * mp.exp(-mpf(j) / exact(precision))
            square = exact(s) ** 2
            total += (int(k) * (mp.log(variance / square) + square / variance - 1) + exact(d) ** 2 / variance) / 2
            total += mp.log(mp.pi**2 * mpf(j) ** 2 / 6)
    return +total


@sixty_digits
def gaussian_log_ratio(*, shift: Any, noise: Any, std: Any) -> Any:
    # The difference of the two log densities at the draw, mean_p at 0: h = shift + noise.
    total = Fraction(0)
    for mu, e in zip(shift, noise, strict=True):
        total += (rational(mu) + rational(e)) ** 2 - rational(e) ** 2
    return exact(total / (2 * rational(std) ** 2))


@sixty_digits
def data_dependent_prior(*, empirical_risk: Any, kl: Any, n: int, prior_size: int, delta: Any) -> Any:
    return seeger2002(empirical_risk=empirical_risk, kl=kl, n=int(n) - int(prior_size), delta=delta)


@sixty_digits
def gaussian_kl_at_scale(
    *, index: int, mean_q: Any, std_q: Any, mean_p: Any, largest_variance: Any = Fraction(1, 10), precision: Any = 100
) -> Any:
    """KL from the isotropic prior of variance c exp(-j/b), and the ln(pi^2 j^2/6) of its weight."""
    total = mpf(0)
    with mp.extradps(40):
        variance = exact(largest_variance) * mp.exp(-mpf(index) / exact(precision))
        for mu_q, s_q, mu_p in zip(mean_q, std_q, mean_p, strict=True):
            square, shift = exact(s_q) ** 2, exact(rational(mu_q) - rational(mu_p)) ** 2
            total += (mp.log(variance / square) + (square + shift) / variance - 1) / 2
        total += mp.log(mp.pi**2 * mpf(index) ** 2 / 6)
    return +total


@sixty_digits
def majority_vote_factor_two(*, gibbs_risk: Any) -> Any:
    return exact(2 * rational(gibbs_risk))


@sixty_digits
def c_bound(*, gibbs_risk: Any, disagreement: Any) -> Any:
    advantage, moment = 1 - 2 * rational(gibbs_risk), 1 - 2 * rational(disagreement)
    if advantage <= 0:
        return mpf(1)
    return exact(1 - min(advantage**2 / moment, Fraction(1)))


@sixty_digits
def germain2015pac_bound_1(*, empirical_risk: Any, disagreement: Any, kl: Any, n: int, delta: Any) -> Any:
    moment = mp.log(2 * xi(int(n))) + log_inverse(delta)
    risk = kl_inverse(exact(empirical_risk), (exact(kl) + moment) / exact(n))
    lower = kl_inverse_lower(exact(disagreement), (2 * exact(kl) + moment) / exact(n))
    if risk >= mpf(1) / 2:
        return mpf(1)
    return 1 - min((1 - 2 * risk) ** 2 / (1 - 2 * lower), mpf(1))


@sixty_digits
def germain2015pac_bound_2_at(*, slope: Any, shift: Any, empirical_risk: Any, disagreement: Any, kl: Any, n: int, delta: Any) -> Any:
    """The dual value at one a and t, as the product of powers."""
    risk, apart, a, t = rational(empirical_risk), rational(disagreement), exact(slope), exact(shift)
    both, right = exact(risk - apart / 2), exact(1 - risk - apart / 2)
    with mp.extradps(40):
        cost = (2 * exact(kl) + mp.log(xi(int(n)) + int(n)) + log_inverse(delta)) / exact(n)
        product = t**both * (t + 2 * a + 2 * a**2) ** exact(apart) * (t + 4 * a) ** right
        return 1 + 2 * a + a**2 + t - mp.exp(-cost) * product


@sixty_digits
def masegosa2020tandem(*, tandem_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    cost = (2 * exact(kl) + mp.log(xi(int(n))) + log_inverse(delta)) / exact(n)
    return 4 * kl_inverse(exact(tandem_risk), cost)


@sixty_digits
def shalev_shwartz2014pac_bayes(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    cost = exact(kl) + mp.log(exact(n)) + log_inverse(delta)
    return exact(empirical_risk) + mp.sqrt(cost / (2 * (exact(n) - 1)))


@sixty_digits
def empirical_bernstein_at(*, inner: int, outer: int, empirical_risk: Any, variance: Any, kl: Any, n: int, delta: Any) -> Any:
    """Both exponential inequalities at the rates 2^(i/2) and 2^(j/2), with their weights."""
    with mp.extradps(60):
        n, shared = exact(n), exact(kl) + mp.log(2) + log_inverse(delta)
        costs = [shared + mp.log(mpf(3) / 2 * (abs(k) + 1) * (abs(k) + 2)) for k in (inner, outer)]
        rate, tilt = mpf(2) ** (mpf(inner) / 2), mpf(2) ** (mpf(outer) / 2)
        spread = min((rate * exact(variance) + costs[0] / (n - 1)) / (1 - mp.exp(-rate)), mpf(1) / 4)
        return exact(empirical_risk) + spread * (mp.exp(tilt) - tilt - 1) / tilt + costs[1] / (n * tilt)


@sixty_digits
def split_kl(*, segment_risks: Any, gaps: Any, kl: Any, n: int, delta: Any) -> Any:
    cost = (exact(kl) + mp.log(len(gaps)) + mp.log(xi(int(n))) + log_inverse(delta)) / exact(n)
    return mp.fsum(exact(gap) * kl_inverse(exact(risk), cost) for risk, gap in zip(segment_risks, gaps, strict=True))


@sixty_digits
def wu2024recursive(*, excess_segments: Any, share: Any, previous_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    """The sum over the steps of the levels -share, 0, 1 - share, 1, each at a third of delta."""
    with mp.extradps(30):
        levels = [-exact(share), mpf(0), 1 - exact(share), mpf(1)]
        cost = (exact(kl) + mp.log(xi(int(n))) + log_inverse(rational(delta) / 3)) / exact(n)
        climbed = [(b - a) * kl_inverse(exact(p), cost) for a, b, p in zip(levels, levels[1:], excess_segments, strict=False)]
        return levels[0] + mp.fsum(climbed) + exact(share) * exact(previous_risk)
