"""Certified norms: upper bounds that hold after all rounding, each spectral norm with its lower bound beside it."""

from genbounds.models.norms._data import data_norm
from genbounds.models.norms._entrywise import frobenius_norm, norm_1_inf, norm_2_1
from genbounds.models.norms._spectral import LARGEST_SVD, spectral_bounds, spectral_norm

__all__ = ["LARGEST_SVD", "data_norm", "frobenius_norm", "norm_1_inf", "norm_2_1", "spectral_bounds", "spectral_norm"]
