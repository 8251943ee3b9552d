"""Complexity measures that are not bounds: numbers that the literature relates to generalization, without a theorem that ends in a risk.

A ``Measure`` cannot enter a bound or become a certificate. What each lacks to be a bound is said in its docstring.
"""

from genbounds.bounds.measures._curvature import normalized_flatness, sharpness
from genbounds.bounds.measures._kernels import arc_cosine_kernel, arora2019kernel
from genbounds.bounds.measures._measure import Measure
from genbounds.bounds.measures._noise import noise_scale
from genbounds.bounds.measures._norms import lipschitz_product, path_norm, spectral_complexity

__all__ = [
    "Measure",
    "arc_cosine_kernel",
    "arora2019kernel",
    "lipschitz_product",
    "noise_scale",
    "normalized_flatness",
    "path_norm",
    "sharpness",
    "spectral_complexity",
]
