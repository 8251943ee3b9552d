"""Independent 60-digit references for the VC bounds and dimensions (sheet B)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from mpmath import mp, mpf

from tests.reference.special import exact, log_inverse, log_sauer_sum, sixty_digits


@sixty_digits
def growth_function(*, empirical_risk: Any, n: int, log_growth: Any, delta: Any) -> Any:
    n = exact(n)
    return exact(empirical_risk) + mp.sqrt(2 * exact(log_growth) / n) + mp.sqrt(log_inverse(delta) / (2 * n))


@sixty_digits
def sauer(*, empirical_risk: Any, n: int, vc_dimension: int, delta: Any) -> Any:
    return growth_function(empirical_risk=empirical_risk, n=n, log_growth=log_sauer_sum(int(n), int(vc_dimension)), delta=delta)


def _log_growth_of_the_double_sample(n: int, d: int, form: str) -> Any:
    """ln Pi(2n): the exact Sauer sum, or the closed form d ln(2en/d) that the sources print, capped by 2n ln 2."""
    if form == "":
        return log_sauer_sum(2 * n, d)
    if form != "printed":
        raise ValueError(form)
    if d == 0:
        return mpf(0)
    everything = 2 * n * mp.log(2)
    return everything if d > 2 * n else min(everything, d * (1 + mp.log(mpf(2 * n) / d)))


@sixty_digits
def vapnik_chervonenkis1971(*, empirical_risk: Any, n: int, vc_dimension: int, delta: Any, form: str = "") -> Any:
    cost = _log_growth_of_the_double_sample(int(n), int(vc_dimension), form) + mp.log(4) + log_inverse(delta)
    return exact(empirical_risk) + mp.sqrt(8 * cost / exact(n))


@sixty_digits
def relative_deviation(*, empirical_risk: Any, n: int, vc_dimension: int, delta: Any, form: str = "") -> Any:
    growth = _log_growth_of_the_double_sample(int(n), int(vc_dimension), form)
    return relative_deviation_growth(empirical_risk=empirical_risk, n=n, log_growth_2n=growth, delta=delta)


@sixty_digits
def relative_deviation_growth(*, empirical_risk: Any, n: int, log_growth_2n: Any, delta: Any) -> Any:
    # R - R_hat <= sqrt(E R), a quadratic in sqrt(R).
    risk = exact(empirical_risk)
    e = 4 * (exact(log_growth_2n) + mp.log(4) + log_inverse(delta)) / exact(n)
    return ((mp.sqrt(e) + mp.sqrt(e + 4 * risk)) / 2) ** 2


def dimension_halfspace(*, inputs: int) -> int:
    return int(inputs) + 1


def _last_below_its_log(log2_growth: Callable[[int], Any], start: int) -> int:
    """The largest integer m >= start with m <= log2_growth(m), a concave function: doubling, then halving."""
    low = start
    assert low <= log2_growth(low)
    high = 2 * low
    while high <= log2_growth(high):
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        if middle <= log2_growth(middle):
            low = middle
        else:
            high = middle
    return low


@sixty_digits
def dimension_threshold_network(*, parameters: int, units: int, form: str = "implicit") -> Any:
    w, units = int(parameters), int(units)
    if units == 1:
        return w
    if form == "closed":
        return 2 * w * mp.log(mp.e * units, 2)
    if form != "implicit":
        raise ValueError(form)
    return _last_below_its_log(lambda m: w * mp.log(units * mp.e * m / w, 2), w)


def _relu_parameters(widths: Any) -> list[tuple[int, int]]:
    """(units, parameters of the layers up to it, biases included) of every layer."""
    widths = [int(w) for w in widths]
    layers, total = [], 0
    for fan_in, fan_out in pairwise(widths):
        total += (fan_in + 1) * fan_out
        layers.append((fan_out, total))
    return layers


@sixty_digits
def dimension_relu_network(*, widths: Any, form: str = "implicit") -> Any:
    layers = _relu_parameters(widths)
    if layers[-1][0] != 1:
        raise ValueError("a last width other than 1")
    if form not in ("closed", "implicit"):
        raise ValueError(form)
    if len(layers) == 1:
        return layers[0][1]
    all_parameters = sum(w for _, w in layers)
    if form == "closed":
        r = sum(i * k for i, (k, _) in enumerate(layers, 1))
        return len(layers) + all_parameters * mp.log(4 * mp.e * r * mp.log(2 * mp.e * r, 2), 2)

    def log2_growth(m: int) -> Any:
        return sum(1 + w * mp.log(2 * mp.e * m * k * i / w, 2) for i, (k, w) in enumerate(layers, 1))

    return _last_below_its_log(log2_growth, all_parameters)


@sixty_digits
def log_growth_relu_network(*, widths: Any, n: int) -> Any:
    layers, n = _relu_parameters(widths), int(n)
    classes = layers[-1][0]
    total = mpf(0)
    for i, (k, w) in enumerate(layers, 1):
        polynomials = n * k
        if i == len(layers) and classes > 1:
            polynomials = n * (classes - 1)
        signs = polynomials * mp.log(2)
        if polynomials >= w:
            signs = min(signs, mp.log(2) + w * mp.log(2 * mp.e * polynomials * i / w))
        total += signs
    return min(total, n * mp.log(2))


@sixty_digits
def dimension_piecewise_polynomial_network(*, parameters: int, layers: int, units: int, pieces: int, degree: int) -> Any:
    w, big_l = exact(parameters), exact(layers)
    first = 2 * w * big_l * mp.log(4 * w * big_l * exact(pieces) * exact(units) / mp.log(2), 2)
    return first + 2 * w * big_l**2 * mp.log(exact(degree) + 1, 2) + 2 * big_l


@sixty_digits
def dimension_sigmoid_network(*, parameters: int, units: int) -> Any:
    w, k = exact(parameters), exact(units)
    return (w * k) ** 2 + 11 * w * k * mp.log(18 * w * k**2, 2)


@sixty_digits
def baum_haussler1989_sample_size(*, parameters: int, units: int, epsilon: Any) -> Any:
    epsilon = exact(epsilon)
    return 32 * exact(parameters) / epsilon * mp.log(32 * exact(units) / epsilon)


@sixty_digits
def bousquet2004introduction(*, empirical_risk: Any, n: int, vc_dimension: int, delta: Any, form: str = "") -> Any:
    cost = _log_growth_of_the_double_sample(int(n), int(vc_dimension), form) + mp.log(2) + log_inverse(delta)
    return exact(empirical_risk) + mp.sqrt(8 * cost / exact(n))


@sixty_digits
def shalev_shwartz2014growth(*, empirical_risk: Any, n: int, vc_dimension: int, delta: Any) -> Any:
    root = mp.sqrt(_log_growth_of_the_double_sample(int(n), int(vc_dimension), ""))
    return exact(empirical_risk) + (4 + 2 * root) / (exact(delta) * mp.sqrt(2 * exact(n)))


@sixty_digits
def log_growth_sauer(*, vc_dimension: int, n: int) -> Any:
    return log_sauer_sum(int(n), int(vc_dimension))


@sixty_digits
def log_growth_halfspace(*, inputs: int, n: int) -> Any:
    # Cover's recursion, C(n, d) = C(n - 1, d) + C(n - 1, d - 1) with C(1, d) = C(n, 0) = 2, has this solution.
    return mp.log(2) + log_sauer_sum(int(n) - 1, int(inputs))


@sixty_digits
def log_growth_threshold_network(*, unit_parameters: Any, n: int) -> Any:
    n = int(n)
    return min(sum(log_growth_halfspace(inputs=int(w) - 1, n=n) for w in unit_parameters), n * mp.log(2))


@sixty_digits
def baum_haussler1989growth(*, parameters: int, units: int, n: int) -> Any:
    w, units, n = int(parameters), int(units), int(n)
    if n < w:
        return n * mp.log(2)
    return min(w * mp.log(mpf(units) * mp.e * n / w), n * mp.log(2))


@sixty_digits
def log_growth_piecewise_polynomial_network(*, parameters: Any, breakpoints: Any, n: int, degree: int = 1) -> Any:
    n, outputs = int(n), int(breakpoints[-1])
    signs = [int(b) for b in breakpoints[:-1]] + [max(outputs - 1, 1)]
    total, so_far = mpf(0), 0
    for layer, (count, each) in enumerate(zip(parameters, signs, strict=True), 1):
        so_far += int(count)
        largest = 1 + (layer - 1) * int(degree) ** (layer - 1)
        polynomials = n * each
        patterns = polynomials * mp.log(2)
        if polynomials >= so_far:
            patterns = min(patterns, mp.log(2) + so_far * mp.log(2 * mp.e * polynomials * largest / so_far))
        total += patterns
    return min(total, n * mp.log(2))


@sixty_digits
def realizable(*, n: int, vc_dimension: int, delta: Any, form: str = "") -> Any:
    return realizable_growth(n=n, log_growth_2n=_log_growth_of_the_double_sample(int(n), int(vc_dimension), form), delta=delta)


@sixty_digits
def realizable_growth(*, n: int, log_growth_2n: Any, delta: Any) -> Any:
    return 2 / exact(n) * mp.log(2 * mp.exp(exact(log_growth_2n)) / exact(delta), 2)


@sixty_digits
def maurer2009growth(*, empirical_risk: Any, n: int, log_growth_2n: Any, delta: Any, form: str = "") -> Any:
    """The larger root of x^2 - sqrt(E) x = R_n squared, or R_n + sqrt(E (1 - R_n)); as printed from the variance of n zeros and ones."""
    with mp.extradps(40):
        risk, n, growth = exact(empirical_risk), exact(n), exact(log_growth_2n)
        if form == "printed":
            cost = growth + mp.log(10) + log_inverse(delta)
            variance = n / (n - 1) * risk * (1 - risk)
            return risk + mp.sqrt(18 * variance * cost / n) + 15 * cost / (n - 1)
        root = 2 * mp.sqrt((growth + mp.log(8) + log_inverse(delta)) / n)
        return min(((root + mp.sqrt(root**2 + 4 * risk)) / 2) ** 2, risk + root * mp.sqrt(1 - risk))


@sixty_digits
def maurer2009cover_at(*, index: int, empirical_risk: Any, variance: Any, n: int, log_cover: Any, delta: Any) -> Any:
    """The risk at which the two sides of l D/2 - c D/4 <= c (n - 1) V/n + cost/n meet, c as the series l^2/2 + l^3/3 + ..."""
    with mp.extradps(60):
        rate = mp.sqrt(mpf(2) ** int(index))
        share = -mp.expm1(-rate)
        terms = int(mp.prec / -mp.log(share, 2)) + 2
        curve = mp.fsum(share**k / k for k in range(2, terms)) if share < mpf(1) / 2 else rate - share
        size = abs(int(index))
        cost = exact(log_cover) + log_inverse(delta) + mp.log(mpf(3) / 2 * (size + 1) * (size + 2)) + share + 4 * curve + curve / 16
        n = exact(n)
        right = curve * (1 - 1 / n) * exact(variance) + cost / n
        return exact(empirical_risk) + right / (share / 2 - curve / 4)


def log_cover_finite_class(*, class_size: int) -> Any:
    return mp.log(exact(class_size))


@sixty_digits
def log_cover_convolutional(
    *, parameters: int, distance: Any, depth: int, input_radius: Any, lipschitz: Any, n: int, reference_norm: Any = 1
) -> Any:
    """W times the logarithm of (beta + e/2)/(e/2) at e = 1/(n B), the product of the norms as an exponential of logarithms."""
    with mp.extradps(40):
        beta, s = exact(distance), exact(reference_norm)
        moved = exact(lipschitz) * exact(input_radius)
        if moved == 0 or beta == 0:
            return mpf(0)
        half = s / (2 * exact(n) * moved * mp.exp(exact(depth) * mp.log(s + beta / exact(depth))))
        return exact(parameters) * mp.log1p(beta / half)
