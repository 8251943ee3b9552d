"""Independent 60-digit references for the margin bounds (sheet C7, C8, D2, D3, D4, S5, S6); the spectral ones have a file of their own."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import mp, mpf

from tests.reference.margin_grids import log_integer_weight, margin_exponent, stratum
from tests.reference.margin_spectral import (  # noqa: F401  (references are looked up by family)
    bartlett2017spectral,
    chained_complexity,
    closed_complexity,
    spectral,
    spectral_at_choices,
    spectral_closed_at_choices,
    spectral_closed_fixed_class,
    spectral_fixed_class_at_choices,
    spectral_graph_at_choices,
    spectral_homogeneous_at_choices,
)
from tests.reference.special import exact, kl_inverse, log_inverse, rational, sixty_digits, xi


@sixty_digits
def norm_product(
    *,
    margin_risk: Any,
    margin: Any,
    norm_product: Any,
    depth: int,
    outputs: int,
    data_norm: Any,
    n: int,
    delta: Any,
    level: int | None = None,
) -> Any:
    """At the smallest admissible level, or at the one given, which may be one larger where an input is not a double."""
    depth, outputs, n = int(depth), int(outputs), int(n)
    j = stratum(rational(norm_product) / rational(margin))
    if level is not None:
        doubles = float(norm_product) == rational(norm_product) and float(margin) == rational(margin)
        assert j <= level <= j + (not doubles)
        j = int(level)
    peeled = 1 + mp.sqrt(2 * mp.log(2) * (depth - 1))
    if outputs == 1:
        per_unit = min(peeled, mpf(2 ** (depth - 1))) * exact(data_norm) / n
    else:
        per_unit = 2 * mp.sqrt(outputs) / n * exact(data_norm) * mp.sqrt(peeled**2 + 1)
    cost = log_inverse(delta) + mp.log((j + 1) * (j + 2))
    return exact(margin_risk) + 2 * per_unit * mpf(2) ** j + 2 * mp.sqrt(cost / (2 * n))


def _power_of_two(x: Fraction) -> int:
    j = -margin_exponent(x)
    if Fraction(2) ** j != x:
        raise ValueError("a noise scale that is not a power of two")
    return j


@sixty_digits
def neyshabur2018pacbayes(
    *,
    margin_risk: Any,
    margin: Any,
    spectral_norms: Any,
    frobenius_distances: Any,
    widths: Any,
    input_radius: Any,
    noise_scale: Any,
    n: int,
    delta: Any,
    eta: Any = Fraction(1, 100),
) -> Any:
    """The bound, or 1 where the perturbation is too large for it. ``noise_scale``: one power of two, or one per layer.

    The default of ``eta`` is exactly 1/100; pass the float for the float's.
    """
    norms, widths = [exact(s) for s in spectral_norms], [int(w) for w in widths]
    depth, eta, radius = len(norms), exact(eta), exact(input_radius)
    scales = [rational(s) for s in (noise_scale if hasattr(noise_scale, "__len__") else [noise_scale] * depth)]
    g = margin_exponent(rational(margin))
    plain, noisy = mpf(1), mpf(1)
    for norm, scale, fan_in, fan_out in zip(norms, scales, widths[:-1], widths[1:], strict=True):
        tau = mp.sqrt(fan_in) + mp.sqrt(fan_out) + mp.sqrt(2 * mp.log(depth / eta))
        plain *= norm
        noisy *= norm + exact(scale) * tau
    if radius * (noisy - plain) >= mpf(2) ** -g / 4:
        return mpf(1)
    divergence = sum(exact(d) ** 2 / (2 * exact(scale) ** 2) for d, scale in zip(frobenius_distances, scales, strict=True))
    entropy = -eta * mp.log(eta) - (1 - eta) * mp.log(1 - eta)
    cost = (divergence + entropy) / (1 - eta) + mp.log(xi(int(n))) + log_inverse(delta)
    cost += log_integer_weight(g) + sum(log_integer_weight(_power_of_two(s)) for s in set(scales))
    return kl_inverse(exact(margin_risk), cost / exact(n))


@sixty_digits
def bartlett1998fat_shattering(*, margin_risk: Any, fat_shattering_dimension: Any, n: int, delta: Any, form: str = "derived") -> Any:
    n = exact(n)
    d = min(exact(fat_shattering_dimension), 34 * n)  # beyond, the logarithm decreases and the bound says nothing
    capacity = d * mp.log(34 * mp.e * n / d) * mp.log(578 * n, 2) if d else mpf(0)
    if form == "derived":
        return exact(margin_risk) + mp.sqrt(2 / n * (capacity + mp.log(2))) + mp.sqrt(log_inverse(delta) / (2 * n))
    if form != "printed":
        raise ValueError(form)
    return exact(margin_risk) + mp.sqrt(2 / n * (capacity + mp.log(4) + log_inverse(delta)))


@sixty_digits
def norm_product_fixed_class(
    *, margin_risk: Any, margin: Any, norm_product: Any, depth: int, outputs: int, data_norm: Any, n: int, delta: Any
) -> Any:
    depth, outputs, n = int(depth), int(outputs), int(n)
    peeled = 1 + mp.sqrt(2 * mp.log(2) * (depth - 1))
    factor = min(peeled, mpf(2 ** (depth - 1))) if outputs == 1 else 2 * mp.sqrt(outputs) * mp.sqrt(peeled**2 + 1)
    rho = exact(rational(norm_product) / rational(margin)) * factor * exact(data_norm) / n
    return exact(margin_risk) + 2 * rho + 2 * mp.sqrt(log_inverse(delta) / (2 * mpf(n)))


@sixty_digits
def mohri2018multiclass(*, margin_risk: Any, margin: Any, outputs: int, complexity: Any, n: int, delta: Any) -> Any:
    main = 4 * int(outputs) * exact(rational(complexity) / rational(margin))
    return exact(margin_risk) + main + mp.sqrt(log_inverse(delta) / (2 * exact(n)))


@sixty_digits
def mohri2018uniform(*, margin_risk: Any, margin: Any, largest_margin: Any, complexity: Any, n: int, delta: Any) -> Any:
    main = 4 * exact(rational(complexity) / rational(margin))
    every = mp.log(mp.log(2 * exact(rational(largest_margin) / rational(margin)), 2))
    return exact(margin_risk) + main + mp.sqrt(every / exact(n)) + mp.sqrt((mp.log(2) + log_inverse(delta)) / (2 * exact(n)))


@sixty_digits
def mohri2018binary(*, margin_risk: Any, margin: Any, complexity: Any, n: int, delta: Any, form: str = "derived") -> Any:
    factor, cost = {"derived": (2, log_inverse(delta)), "printed": (3, mp.log(2) + log_inverse(delta))}[form]
    main = 2 * exact(rational(complexity) / rational(margin))
    return exact(margin_risk) + main + factor * mp.sqrt(cost / (2 * exact(n)))


@sixty_digits
def fat_shattering_linear(*, norm: Any, radius: Any, scale: Any) -> Any:
    value = (rational(norm) * rational(radius) / rational(scale)) ** 2
    return int(value) if value.denominator == 1 else exact(value)


@sixty_digits
def neyshabur2018perturbed(*, margin_risk: Any, kl: Any, n: int, delta: Any) -> Any:
    n = exact(n)
    cost = exact(kl) + mp.log(6) + mp.log(n) + log_inverse(delta)
    return exact(margin_risk) + 4 * mp.sqrt(cost / (n - 1))


@sixty_digits
def neyshabur2018output_change(*, spectral_norms: Any, noise_norms: Any, input_radius: Any) -> Any:
    layers = len(spectral_norms)
    norms, noises = [rational(s) for s in spectral_norms], [rational(u) for u in noise_norms]
    if any(layers * u > s for s, u in zip(norms, noises, strict=True)):
        raise ValueError("a perturbation above the norm over the number of layers")
    total = rational(0)  # sum over the layers of ||U_i|| times the product of the other norms
    for i in range(layers):
        product = noises[i]
        for j in range(layers):
            product *= norms[j] if j != i else 1
        total += product
    return mp.e * exact(rational(input_radius) * total)
