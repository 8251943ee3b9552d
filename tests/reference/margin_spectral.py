"""Independent 60-digit references for the spectral margin bounds (sheet C8, D2, D3, S5, S6)."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf

from tests.reference.margin_grids import log_integer_weight, margin_exponent, stratum
from tests.reference.special import exact, log_inverse, rational, sixty_digits


def _ceiling(x: Fraction) -> int:
    return -(-x.numerator // x.denominator)


def _fourth_root_index(ratio: Fraction) -> int:
    """The smallest m >= 0 with 2^(m/4) >= ratio, that is 2^m >= ratio^4."""
    return stratum(ratio**4)


def _fourth_root_cap(width: int) -> int:
    """ceil(4 log2 width) = the smallest m with 2^m >= width^4."""
    return stratum(Fraction(width) ** 4)


def _cover_count(x: Any) -> Any:
    """1[x > 1] ceil(x), where an x within 1e-45 of an integer is that integer: its roots were only rounded."""
    nearest = mp.nint(x)
    count = nearest if abs(x - nearest) <= mpf(10) ** -45 * max(x, 1) else mp.ceil(x)
    return count if count > 1 else mpf(0)


def chained_complexity(
    *,
    scale: Any,
    layer_ratios: list[Any],
    widths: list[int],
    outputs: int,
    data_norm: Any,
    n: int,
) -> Any:
    """S6 in its discrete form with the covers of D3: an upper bound on the complexity of the ramp class.

    ``scale`` is prod rho_i s_i / gamma, ``layer_ratios`` the b_i / s_i. The infimum over J >= 1, at most 1/2.
    """
    n, lipschitz_squared = int(n), 2 if outputs > 1 else 1
    powers = [mp.cbrt(r) ** 2 for r in layer_ratios]
    covered = [i for i, p in enumerate(powers) if p > 0]
    best = mpf(1) / 2
    if not covered or scale == 0 or data_norm == 0:
        return mpf(0)
    total = sum(powers)
    # x_i = coefficients[i] / eps^2
    coefficients = {i: lipschitz_squared * (exact(data_norm) * scale * layer_ratios[i] * total / powers[i]) ** 2 for i in covered}
    log_sizes = {i: mp.log(2 * widths[i] * widths[i + 1]) for i in covered}
    log_before, chain, level = mpf(0), mpf(0), 0
    # The chain only grows: once it alone reaches the best value no longer one can win. Radii below 2^-120 add less than 1e-36.
    while chain < best and level < 120:
        level += 1
        radius = mpf(2) ** -level  # in units of sqrt(n)
        log_cover = mpf(0)
        for i in covered:
            log_cover += _cover_count(coefficients[i] / (n * radius**2)) * log_sizes[i]
        chain += 3 * radius * mp.sqrt(2 * (log_cover + log_before) / n)
        best = min(best, radius + chain)
        log_before = log_cover
    return best


@sixty_digits
def spectral(
    *,
    margin_risk: Any,
    margin: Any,
    spectral_norms: Any,
    distances_2_1: Any,
    lipschitz: Any,
    widths: Any,
    outputs: int,
    data_norm: Any,
    n: int,
    delta: Any,
    homogeneous: bool = False,
) -> Any:
    norms = [rational(s) for s in spectral_norms]
    distances = [rational(b) for b in distances_2_1]
    activations = [rational(r) for r in lipschitz]
    widths = [int(w) for w in widths]
    depth, gamma, n = len(norms), rational(margin), int(n)
    cost = log_inverse(delta)
    if homogeneous:
        t = Fraction(1) / gamma
        ratios = []
        for norm, distance, rho, fan_out in zip(norms, distances, activations, widths[1:], strict=True):
            cap = _fourth_root_cap(fan_out)
            m = min(cap, _fourth_root_index(distance / norm)) if norm else 0
            ratios.append(mpf(2) ** (mpf(m) / 4))
            cost += mp.log(cap + 1)
            t *= rho * norm
        j = stratum(t)
        cost += mp.log((j + 1) * (j + 2))
        scale = mpf(2) ** j
    else:
        s_index = [max(1, _ceiling(depth * s)) for s in norms]
        b_index = [max(0, _ceiling(depth * b)) for b in distances]
        g = margin_exponent(gamma)
        ratios = [mpf(k) / j for j, k in zip(s_index, b_index, strict=True)]
        cost += sum(mp.log(j * (j + 1)) for j in s_index) + sum(mp.log((k + 1) * (k + 2)) for k in b_index)
        cost += log_integer_weight(g)
        product = Fraction(2) ** g
        for rho, j in zip(activations, s_index, strict=True):
            product *= rho * Fraction(j, depth)
        scale = exact(product)
    complexity = chained_complexity(scale=scale, layer_ratios=ratios, widths=widths, outputs=int(outputs), data_norm=data_norm, n=n)
    return exact(margin_risk) + 2 * complexity + 2 * mp.sqrt(cost / (2 * n))


@sixty_digits
def bartlett2017spectral(
    *,
    margin_risk: Any,
    margin: Any,
    spectral_norms: Any,
    distances_2_1: Any,
    lipschitz: Any,
    widths: Any,
    outputs: int,
    data_norm: Any,
    n: int,
    delta: Any,
    homogeneous: bool = False,
) -> Any:
    gamma, data, n = exact(margin), exact(data_norm), exact(n)
    if gamma > n:
        raise ValueError("a margin above n")
    norms, distances = [exact(s) for s in spectral_norms], [exact(b) for b in distances_2_1]
    depth, width = len(norms), mpf(max(int(w) for w in widths))
    sum_of_powers = mpf(0)
    for j, distance in enumerate(distances):
        product = 1 / mpf(depth) + distance
        for i, norm in enumerate(norms):
            if i != j:
                product *= 1 / mpf(depth) + norm
        sum_of_powers += product ** (mpf(2) / 3)
    activations = mp.fprod(exact(r) for r in lipschitz)
    log_width = max(mp.log(2 * width), mp.sqrt(mp.log(2 * width**2)))
    main = 144 * mp.log(n) * log_width / (gamma * n) * activations * (1 + data) * sum_of_powers ** (mpf(3) / 2)
    inside = log_inverse(delta) + mp.log(2 * n / gamma) + 2 * mp.log(2 + data)
    inside += sum(2 * mp.log(2 + depth * b) + 2 * mp.log(2 + depth * s) for b, s in zip(distances, norms, strict=True))
    return exact(margin_risk) + 8 / n + main + mp.sqrt(9 / (2 * n)) * mp.sqrt(inside)


def _products(widths: list[int]) -> list[int]:
    """The entries of each matrix."""
    return [before * after for before, after in itertools.pairwise(widths)]


def _chain_at_counts(layer_scales: list[Any], entries: list[int], counts: Any, n: int) -> Any:
    """Rad <= e_J/sqrt(n) + (1/n) sum (e_j + e_{j-1}) sqrt(2 (ln N_j + ln N_{j-1})) for Maurey's sample numbers m_ji, at most 1/2.

    e_0 = sqrt(n)/2 and N_0 = 1; e_j = min(sum_i c_i/sqrt(m_ji), sqrt(n)/2); N_j = prod over m_ji > 1 of (2 entries_i)^m_ji.
    """
    trivial = mp.sqrt(n) / 2
    radius_before, log_before, links = trivial, mpf(0), mpf(0)
    for level in counts:
        sizes = [int(m) for m in level]
        assert sizes == list(level)
        assert min(sizes) >= 1
        radius = min(trivial, mp.fsum(c / mp.sqrt(m) for c, m in zip(layer_scales, sizes, strict=True)))
        log_cover = mp.fsum(m * mp.log(2 * entries[i]) for i, m in enumerate(sizes) if m > 1)
        links += (radius + radius_before) * mp.sqrt(2 * (log_cover + log_before))
        radius_before, log_before = radius, log_cover
    return min(mpf(1) / 2, radius_before / mp.sqrt(n) + links / n)


def _whole_numbers(entries: Any) -> list[int]:
    whole = [int(entry) for entry in entries]
    assert whole == list(entries)
    return whole


@sixty_digits
def spectral_at_choices(
    *,
    margin_risk: Any,
    margin: Any,
    spectral_norms: Any,
    distances_2_1: Any,
    lipschitz: Any,
    widths: Any,
    outputs: int,
    data_norm: Any,
    n: int,
    delta: Any,
    choices: Any,
) -> Any:
    """The spectral bound at chosen grid points and cover sizes, after proving in rationals that they are admissible."""
    depth, n, widths = len(spectral_norms), int(n), [int(w) for w in widths]
    s_index, b_index = _whole_numbers(choices["norm_index"]), _whole_numbers(choices["distance_index"])
    (g,) = _whole_numbers([choices["halvings"]])
    assert all(j >= 1 and Fraction(j, depth) >= rational(s) for j, s in zip(s_index, spectral_norms, strict=True))
    assert all(k >= 0 and Fraction(k, depth) >= rational(b) for k, b in zip(b_index, distances_2_1, strict=True))
    assert Fraction(2) ** -g <= rational(margin)
    product = Fraction(2) ** g
    for rho, j in zip(lipschitz, s_index, strict=True):
        product *= rational(rho) * Fraction(j, depth)
    root = mp.sqrt(2) if int(outputs) > 1 else mpf(1)
    scales = [root * exact(data_norm) * exact(product * Fraction(k, j)) for j, k in zip(s_index, b_index, strict=True)]
    cost = log_inverse(delta) + log_integer_weight(g)
    cost += sum(mp.log(j * (j + 1)) for j in s_index) + sum(mp.log((k + 1) * (k + 2)) for k in b_index)
    return exact(margin_risk) + 2 * _chain_at_counts(scales, _products(widths), choices["counts"], n) + 2 * mp.sqrt(cost / (2 * n))


@sixty_digits
def spectral_homogeneous_at_choices(
    *,
    margin_risk: Any,
    margin: Any,
    spectral_norms: Any,
    distances_2_1: Any,
    lipschitz: Any,
    widths: Any,
    outputs: int,
    data_norm: Any,
    n: int,
    delta: Any,
    choices: Any,
) -> Any:
    """The homogeneous form at chosen grid points: some s'_i >= s_i have b_i/s'_i on the grid and prod rho_i s'_i <= 2^level margin."""
    n, widths = int(n), [int(w) for w in widths]
    r_index, sizes = _whole_numbers(choices["ratio_index"]), _whole_numbers(choices["most"])
    (level,) = _whole_numbers([choices["level"]])
    assert level >= 0
    product = Fraction(1)
    for m, size, s, b, rho, rows in zip(r_index, sizes, spectral_norms, distances_2_1, lipschitz, widths[1:], strict=True):
        cap = _fourth_root_cap(rows)
        assert 0 <= m <= cap < size  # the grid has cap + 1 points
        norm, distance = rational(s), rational(b)
        if m < cap and distance**4 > Fraction(2) ** m * norm**4:
            norm = rational(exact(distance) / mpf(2) ** (mpf(m) / 4)) * (1 + Fraction(1, 10**50))
            assert norm < rational(s) * (1 + Fraction(1, 10**15))
        product *= rational(rho) * norm
    assert product <= Fraction(2) ** level * rational(margin)
    root = mp.sqrt(2) if int(outputs) > 1 else mpf(1)
    scales = [root * exact(data_norm) * mpf(2) ** (level + mpf(m) / 4) for m in r_index]
    cost = log_inverse(delta) + sum(mp.log(size) for size in sizes) + mp.log((level + 1) * (level + 2))
    return exact(margin_risk) + 2 * _chain_at_counts(scales, _products(widths), choices["counts"], n) + 2 * mp.sqrt(cost / (2 * n))


def _quarter_power(j: int, size: Any) -> Any:
    """2^(j/4), after proving that it is at least ``size`` and that no point two steps below is."""
    power = mpf(2) ** (mpf(j) / 4)
    assert power >= size
    assert j == -400 or power < size * mpf(2) ** (mpf(1) / 4) * (1 + mpf(10) ** -8)
    return power


@sixty_digits
def spectral_graph_at_choices(
    *,
    margin_risk: Any,
    margin: Any,
    distances_2_1: Any,
    input_lipschitz: Any,
    inputs_at_zero: Any,
    output_lipschitz: Any,
    entries: Any,
    outputs: int,
    data_norm: Any,
    n: int,
    delta: Any,
    choices: Any,
) -> Any:
    """The bound for graphs at its grid points and cover sizes, after proving that they are admissible."""
    n, root = int(n), mp.sqrt(2) if int(outputs) > 1 else mpf(1)
    g, a = _whole_numbers([choices["halvings"], choices["data_index"]])
    assert Fraction(2) ** -g <= rational(margin)
    data = _quarter_power(a, mp.sqrt(exact(data_norm) ** 2 / n))
    indices = [_whole_numbers(choices[name]) for name in ("distance_index", "input_index", "output_index")]
    scales = []
    cost = log_inverse(delta) + log_integer_weight(g) + log_integer_weight(a)
    layers = zip(distances_2_1, input_lipschitz, inputs_at_zero, output_lipschitz, *indices, strict=True)
    for b, slope, offset, constant, j_b, j_n, j_d in layers:
        size = exact(slope) + exact(offset) / data
        product = _quarter_power(j_b, exact(b)) * _quarter_power(j_n, size) * _quarter_power(j_d, exact(constant))
        scales.append(root * mpf(2) ** g * mp.sqrt(n) * data * product)
        cost += log_integer_weight(j_b) + log_integer_weight(j_n) + log_integer_weight(j_d)
    complexity = _chain_at_counts(scales, _whole_numbers(entries), choices["counts"], n)
    return exact(margin_risk) + 2 * complexity + 2 * mp.sqrt(cost / (2 * n))


@sixty_digits
def spectral_fixed_class_at_choices(
    *,
    margin_risk: Any,
    margin: Any,
    spectral_norms: Any,
    distances_2_1: Any,
    lipschitz: Any,
    widths: Any,
    outputs: int,
    data_norm: Any,
    n: int,
    delta: Any,
    choices: Any,
) -> Any:
    """The chain at the cover sizes that were chosen, at the norms themselves."""
    product = 1 / rational(margin)
    for rho, norm in zip(lipschitz, spectral_norms, strict=True):
        product *= rational(rho) * rational(norm)
    root = mp.sqrt(2) if int(outputs) > 1 else mpf(1)
    scales = [
        root * exact(data_norm) * exact(product * rational(b) / rational(s)) for b, s in zip(distances_2_1, spectral_norms, strict=True)
    ]
    complexity = _chain_at_counts(scales, _products([int(w) for w in widths]), choices["counts"], int(n))
    return exact(margin_risk) + 2 * complexity + 2 * mp.sqrt(log_inverse(delta) / (2 * exact(n)))


@sixty_digits
def closed_complexity(
    *, margin: Any, spectral_norms: Any, distances_2_1: Any, lipschitz: Any, widths: Any, outputs: int, data_norm: Any, n: int
) -> Any:
    """D3 in closed form: (12 Q/n)(1 + ln(n/(6 Q))) if Q < n/6, else 1/2, with Q as the sheet writes it; above 1/2 where the integral is."""
    ratios = [exact(rational(b) / rational(s)) for b, s in zip(distances_2_1, spectral_norms, strict=True)]
    total = sum(mp.cbrt(r) ** 2 for r in ratios)
    product = 1 / rational(margin)
    for rho, norm in zip(lipschitz, spectral_norms, strict=True):
        product *= rational(rho) * rational(norm)
    root = 2 if int(outputs) > 1 else mp.sqrt(2)
    largest = max(int(w) for w in widths)
    q = root * exact(data_norm) * exact(product) * mp.sqrt(total) ** 3 * mp.sqrt(mp.log(2 * largest**2))
    n = exact(n)
    if q == 0:
        return mpf(0)
    return 12 * q / n * (1 + mp.log(n / (6 * q))) if 6 * q < n else mpf(1) / 2


@sixty_digits
def spectral_closed_fixed_class(*, margin_risk: Any, n: int, delta: Any, **network: Any) -> Any:
    complexity = min(closed_complexity(n=n, **network), mpf(1) / 2)
    return exact(margin_risk) + 2 * complexity + 2 * mp.sqrt(log_inverse(delta) / (2 * exact(n)))


@sixty_digits
def spectral_closed_at_choices(
    *, margin_risk: Any, margin: Any, spectral_norms: Any, distances_2_1: Any, n: int, delta: Any, choices: Any, **network: Any
) -> Any:
    """The closed form at the grid points that were chosen, after proving in rationals that they are admissible."""
    depth = len(spectral_norms)
    s_index, b_index = ([int(k) for k in choices[name]] for name in ("norm_index", "distance_index"))
    halvings = int(choices["halvings"])
    assert all(j >= 1 and Fraction(j, depth) >= rational(s) for j, s in zip(s_index, spectral_norms, strict=True))
    assert all(k >= 0 and Fraction(k, depth) >= rational(b) for k, b in zip(b_index, distances_2_1, strict=True))
    assert Fraction(2) ** -halvings <= rational(margin)
    complexity = closed_complexity(
        margin=Fraction(2) ** -halvings,
        spectral_norms=[Fraction(j, depth) for j in s_index],
        distances_2_1=[Fraction(k, depth) for k in b_index],
        n=n,
        **network,
    )
    complexity = min(complexity, mpf(1) / 2)
    price = log_inverse(delta) + mp.log(mpf(3) / 2 * (abs(halvings) + 1) * (abs(halvings) + 2))
    price += sum(mp.log(j * (j + 1)) for j in s_index) + sum(mp.log((k + 1) * (k + 2)) for k in b_index)
    return exact(margin_risk) + 2 * complexity + 2 * mp.sqrt(price / (2 * exact(n)))
