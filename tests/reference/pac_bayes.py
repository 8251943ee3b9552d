"""Independent 60-digit references for the PAC-Bayes bounds (sheet E)."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.reference.special import binomial_tail_inverse, exact, kl_inverse, log_inverse, sixty_digits, xi


def _complexity(kl: Any, n: int, delta: Any) -> Any:
    """c = (KL + ln(2 sqrt(n)/delta))/n."""
    n = exact(n)
    return (exact(kl) + mp.log(2 * mp.sqrt(n)) + log_inverse(delta)) / n


@sixty_digits
def seeger2002(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    return kl_inverse(exact(empirical_risk), (exact(kl) + mp.log(xi(int(n))) + log_inverse(delta)) / exact(n))


@sixty_digits
def mcallester(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    return exact(empirical_risk) + mp.sqrt(_complexity(kl, n, delta) / 2)


@sixty_digits
def mcallester1999(*, empirical_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    n = exact(n)
    cost = exact(kl) + log_inverse(delta) + mpf(5) / 2 * mp.log(n) + 8
    return exact(empirical_risk) + mp.sqrt(cost / (2 * n - 1))


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
        [exact(x) for x in v]
        if v is not None and len(v) == length
        else [exact(v[0] if v is not None else scalar)] * length
        for v, scalar in zip(vectors, (mean_q, std_q, mean_p, std_p), strict=True)
    ]
    total = mpf(0)
    with mp.extradps(30):
        for mu_q, s_q, mu_p, s_p in zip(*columns, strict=True):
            total += mp.log(s_p / s_q) + (s_q**2 + (mu_q - mu_p) ** 2) / (2 * s_p**2) - mpf(1) / 2
    return +total
