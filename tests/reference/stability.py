"""Independent 60-digit references for the stability bounds (sheet G)."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.reference.special import exact, kl_inverse, log_inverse, rational, sixty_digits


@sixty_digits
def bousquet_elisseeff2002(*, empirical_risk: Any, stability: Any, n: int, delta: Any, loss_range: Any = 1) -> Any:
    n, beta = exact(n), exact(stability)
    scale = 2 * n * beta + exact(loss_range)
    return exact(empirical_risk) + beta + scale * mp.sqrt(log_inverse(delta) / (2 * n))


@sixty_digits
def feldman_vondrak2018(*, empirical_risk: Any, stability: Any, n: int, delta: Any) -> Any:
    spread = 2 * exact(stability) + 1 / exact(n)
    return exact(empirical_risk) + 8 * mp.sqrt(spread * (mp.log(8) + log_inverse(delta)))


@sixty_digits
def bousquet_klochkov_zhivotovskiy2020(*, empirical_risk: Any, stability: Any, n: int, delta: Any, loss_range: Any = 1) -> Any:
    beta, cost = exact(stability), mp.log(2) + log_inverse(delta)
    levels = 0  # ceil(log2 n), counted
    while 2**levels < int(n):
        levels += 1
    independent = exact(loss_range) * mp.sqrt(cost / (2 * exact(n)))
    p = max(mpf(2), 1 + cost)
    each = (2 * mp.exp(1 - p / 2) * (p / 2) ** ((p + 1) / 2)) ** (1 / p)  # p-norm of one difference over sqrt(2 |C|) b
    telescoped = beta * levels * mp.sqrt(2 * (p - 1)) * each * mp.exp(cost / p)
    return exact(empirical_risk) + 2 * beta + independent + telescoped


@sixty_digits
def hardt2016convex(*, lipschitz: Any, smoothness: Any, step_sizes: Any, n: int) -> Any:
    steps = [rational(a) for a in step_sizes]
    if any(a * rational(smoothness) > 2 for a in steps):
        raise ValueError("a step above 2/smoothness")
    return exact(2 * rational(lipschitz) ** 2 * sum(steps) / rational(n))


@sixty_digits
def hardt2016strongly_convex(*, lipschitz: Any, smoothness: Any, strong_convexity: Any, step_size: Any, n: int) -> Any:
    if rational(step_size) * rational(smoothness) > 1:
        raise ValueError("a step above 1/smoothness")
    return exact(2 * rational(lipschitz) ** 2 / (rational(strong_convexity) * rational(n)))


@sixty_digits
def hardt2016nonconvex(
    *,
    lipschitz: Any,
    smoothness: Any,
    step_scale: Any,
    steps: int,
    n: int,
    loss_range: Any = 1,
    form: str = "integer",
) -> Any:
    big_l, beta, c, span = exact(lipschitz), exact(smoothness), exact(step_scale), exact(loss_range)
    steps, n = int(steps), int(n)
    if form == "printed":
        q = beta * c
        root = (2 * c * big_l**2 / span) ** (1 / (q + 1))
        return span * (1 + 1 / q) / (n - 1) * root * mpf(steps) ** (q / (q + 1))
    if form != "integer":
        raise ValueError(form)
    # after[t0] = sum_{t > t0} (c/t) prod_{k > t} (1 + c beta/k), by the products themselves, from the last step back.
    product, total = mpf(1), mpf(0)
    best = None
    for t0 in range(steps, -1, -1):
        if t0 <= n:
            value = t0 * span / n + 2 * big_l**2 / n * total
            best = value if best is None else min(best, value)
        if t0:
            total += c / t0 * product
            product *= 1 + c * beta / t0
    return best


@sixty_digits
def bassily2020nonsmooth(*, lipschitz: Any, step_size: Any, steps: int, n: int, form: str = "derived") -> Any:
    big_l, eta, steps = exact(lipschitz), exact(step_size), exact(steps)
    rough = {"derived": 2, "printed": 4}[form]
    met = min(1, steps / exact(n)) if form == "derived" else 1
    return big_l**2 * (rough * eta * mp.sqrt(steps) * met + 4 * eta * steps / exact(n))


@sixty_digits
def expected_gap(*, stability: Any) -> Any:
    return exact(stability)


def _recursion(lipschitz: Any, step_sizes: Any, replaced: Any, factor: Any) -> Any:
    """The distance step by step: eta d on a common example, min(eta, 1) d + 2 alpha L on the replaced one, in whole numbers."""
    distance = rational(0)
    for step, met in zip(step_sizes, replaced, strict=True):
        alpha = rational(step)
        eta = factor(alpha)
        distance = min(eta, rational(1)) * distance + 2 * alpha * rational(lipschitz) if met else eta * distance
    return exact(distance)


@sixty_digits
def hardt2016distance_nonconvex(*, lipschitz: Any, smoothness: Any, step_sizes: Any, replaced: Any) -> Any:
    return _recursion(lipschitz, step_sizes, replaced, lambda alpha: 1 + alpha * rational(smoothness))


@sixty_digits
def hardt2016distance_convex(*, lipschitz: Any, smoothness: Any, step_sizes: Any, replaced: Any) -> Any:
    if any(rational(alpha) * rational(smoothness) > 2 for alpha in step_sizes):
        raise ValueError("a step above 2/smoothness")
    return _recursion(lipschitz, step_sizes, replaced, lambda alpha: rational(1))


@sixty_digits
def hardt2016distance_strongly_convex(*, lipschitz: Any, smoothness: Any, strong_convexity: Any, step_sizes: Any, replaced: Any) -> Any:
    beta, gamma = rational(smoothness), rational(strong_convexity)
    if any(rational(alpha) * (beta + gamma) > 2 for alpha in step_sizes):
        raise ValueError("a step above 2/(smoothness + strong_convexity)")
    return _recursion(lipschitz, step_sizes, replaced, lambda alpha: 1 - alpha * gamma)


@sixty_digits
def hardt2016nonconvex_steps(*, lipschitz: Any, smoothness: Any, step_sizes: Any, n: int, loss_range: Any = 1) -> Any:
    big_l, beta, span, n = rational(lipschitz), rational(smoothness), rational(loss_range), int(n)
    best = None
    for t0 in range(min(n, len(step_sizes)) + 1):
        distance = rational(0)  # averaged over the replaced example's position
        for step in step_sizes[t0:]:
            distance = (1 + rational(step) * beta) * distance + 2 * rational(step) * big_l / n
        value = t0 * span / n + big_l * distance
        best = value if best is None else min(best, value)
    return exact(best)


@sixty_digits
def minimum_norm_interpolation(*, radius: Any, expected_squared_norm: Any, n: int) -> Any:
    return exact(rational(radius) ** 2 * rational(expected_squared_norm) / rational(n))


@sixty_digits
def kuzborskij_lampert2018(
    *,
    lipschitz: Any,
    smoothness: Any,
    curvature: Any,
    step_scale: Any,
    expected_risk: Any,
    steps: int,
    n: int,
) -> Any:
    c, beta, gamma = exact(step_scale), exact(smoothness), exact(curvature)
    time = exact(steps)
    largest = 1 / beta
    if time > 1:
        largest = min(largest, 1 / (4 * (2 * beta * mp.log(time)) ** 2))
    if c > largest:
        raise ValueError("step_scale is too large")
    if gamma > beta:
        raise ValueError("curvature above smoothness")
    q = c * gamma
    head = (1 + 1 / q) / exact(n) * (2 * c * exact(lipschitz) ** 2) ** (1 / (1 + q))
    return head * (exact(expected_risk) * time) ** (q / (1 + q))


@sixty_digits
def regularized_erm(*, lipschitz: Any, strong_convexity: Any, n: int) -> Any:
    return exact(2 * rational(lipschitz) ** 2 / (rational(strong_convexity) * rational(n)))


@sixty_digits
def regularized_erm_approximate(*, lipschitz: Any, strong_convexity: Any, n: int, objective_gap: Any) -> Any:
    distance = mp.sqrt(2 * exact(objective_gap) / exact(strong_convexity))  # of each output from its minimiser
    return regularized_erm(lipschitz=lipschitz, strong_convexity=strong_convexity, n=n) + 2 * exact(lipschitz) * distance


def _removed(change: Any, lipschitz: Any, strong_convexity: Any, objective_gap: Any) -> Any:
    """Minimisers of objectives that differ by a ``change``-Lipschitz function are change/mu apart; an output is as far as its gap lets."""
    apart = rational(change) / rational(strong_convexity)
    return exact(lipschitz) * (exact(apart) + 2 * mp.sqrt(2 * exact(objective_gap) / exact(strong_convexity)))


@sixty_digits
def regularized_erm_remove(*, lipschitz: Any, strong_convexity: Any, n: int, objective_gap: Any = 0) -> Any:
    return _removed(rational(lipschitz) / rational(n), lipschitz, strong_convexity, objective_gap)


@sixty_digits
def regularized_erm_remove_renormalized(*, lipschitz: Any, strong_convexity: Any, n: int, objective_gap: Any = 0) -> Any:
    m = rational(n) - 1  # an example loses 1/m, and m - 1 others gain 1/(m - 1) - 1/m each, 1/m in all
    return _removed(rational(lipschitz) * (1 / m + 1 / m), lipschitz, strong_convexity, objective_gap)


@sixty_digits
def bousquet_elisseeff2002remove(*, empirical_risk: Any, stability: Any, n: int, delta: Any, loss_range: Any = 1) -> Any:
    # The replace-one form at twice the remove-one stability.
    return bousquet_elisseeff2002(empirical_risk=empirical_risk, stability=2 * rational(stability), n=n, delta=delta, loss_range=loss_range)


@sixty_digits
def bousquet_elisseeff2002leave_one_out(*, leave_one_out_risk: Any, stability: Any, n: int, delta: Any, loss_range: Any = 1) -> Any:
    scale = 4 * exact(n) * exact(stability) + exact(loss_range)
    return exact(leave_one_out_risk) + exact(stability) + scale * mp.sqrt(log_inverse(delta) / (2 * exact(n)))


@sixty_digits
def hardt2016decaying(*, lipschitz: Any, smoothness: Any, strong_convexity: Any, n: int, loss_range: Any = 1) -> Any:
    numerator = 2 * rational(lipschitz) ** 2 + rational(smoothness) * rational(loss_range)
    return exact(numerator / (rational(strong_convexity) * rational(n)))


@sixty_digits
def differential_privacy(*, empirical_risk: Any, privacy: Any, n: int, delta: Any) -> Any:
    """The R at which R/(R + (1 - R) e^epsilon) is the inverse of kl, by its odds."""
    with mp.extradps(60):
        inside = kl_inverse(exact(empirical_risk), log_inverse(delta) / exact(n))
        if inside >= 1:
            return mp.mpf(1)
        odds = mp.exp(exact(privacy) + mp.log(inside) - mp.log1p(-inside))
        return 1 - 1 / (1 + odds)


@sixty_digits
def differential_privacy_gap(*, privacy: Any) -> Any:
    with mp.extradps(60 + 2 * max(0, -int(mp.floor(mp.log10(exact(privacy)))) if privacy else 0)):
        return mp.tanh(exact(privacy) / 4)


@sixty_digits
def approximate_privacy_gap(*, privacy: Any, slack: Any) -> Any:
    """The hyperbolic tangent and what the additive part adds."""
    with mp.extradps(60 + 2 * max(0, -int(mp.floor(mp.log10(exact(privacy)))) if privacy else 0)):
        return mp.tanh(exact(privacy) / 2) + 2 * exact(slack) / (mp.exp(exact(privacy)) + 1)


@sixty_digits
def minibatch_convex(*, lipschitz: Any, smoothness: Any, step_sizes: Any, n: int) -> Any:
    return hardt2016convex(lipschitz=lipschitz, smoothness=smoothness, step_sizes=step_sizes, n=n)


@sixty_digits
def minibatch_nonconvex(*, lipschitz: Any, smoothness: Any, step_sizes: Any, n: int) -> Any:
    """The sum over the steps of what each adds, times the growth of all later ones."""
    total, growth = rational(0), rational(1)
    for step in reversed([rational(size) for size in step_sizes]):
        total += step * growth
        growth *= 1 + step * rational(smoothness)
    return exact(2 * rational(lipschitz) ** 2 * total / int(n))
