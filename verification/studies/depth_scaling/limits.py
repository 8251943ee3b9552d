"""How far the mean factor by which layers multiply the squared norm may lie from its law, without any approximation."""

from __future__ import annotations

import math


def linear_limits(tau: float, width: int, layers: int, cost: float) -> tuple[float, float]:
    """Limits on the mean of ||h + tau W h||^2 / ||h||^2 over independent layers with W_ij from N(0, 2/width).

    Whatever h is, the factor times width/(2 tau^2) has the noncentral chi-square law of ``width`` degrees of freedom and noncentrality
    width/(2 tau^2), so its mean is 1 + 2 tau^2; sums add both up. The tails of that law are Birgé's (2001, Lemma 8.1): above
    D + 2 sqrt((D + B) x) + 2 x, or below D - 2 sqrt((D + B) x), with probability at most e^-x each, where B is the noncentrality
    and D = degrees of freedom + B.

    Args:
        cost: x; each limit fails with probability at most e^-x.

    >>> low, high = linear_limits(0.1, 128, 10**6, 10.0)
    >>> round(low, 3), round(high, 3)  # around 1 + 2 / 100
    (1.02, 1.02)
    """
    unit = 2 * tau**2 / width
    away = layers / unit
    mean = layers * width + away
    spread = 2 * math.sqrt((mean + away) * cost)
    return (mean - spread) * unit / layers, (mean + spread + 2 * cost) * unit / layers


def relu_limits(tau: float, width: int, layers: int, cost: float) -> tuple[float, float]:
    """The same for max(0, h + tau W h), h without negative entries: what a mean factor between 1 + tau^2 and 1 + 2 tau^2 allows.

    The upper limit is the linear one, since max(0, z)^2 <= z^2. The lower: with z = h + s g, s^2 = 2 tau^2 ||h||^2/width, an entry has
    E max(0, h + s g)^2 = h^2 + s^2 - E max(0, s g - h)^2 >= h^2 + s^2/2, and by Poincaré's inequality its square has variance at most
    4 s^2 (h^2 + s^2); so a factor has conditional mean at least 1 + tau^2 and variance at most 8 tau^2 (1 + 2 tau^2)/width, and its mean
    less itself is at most 1 + 2 tau^2. Freedman's inequality (1975) gives the limit.

    >>> low, high = relu_limits(0.1, 128, 10**6, 10.0)
    >>> round(low, 3), round(high, 3)
    (1.01, 1.02)
    """
    largest = 1 + 2 * tau**2
    variance = layers * 8 * tau**2 * largest / width
    spread = cost * largest / 3 + math.sqrt((cost * largest / 3) ** 2 + 2 * variance * cost)
    return 1 + tau**2 - spread / layers, linear_limits(tau, width, layers, cost)[1]
