"""Certified norms: upper bounds that hold after all rounding, each spectral norm with a lower bound."""

from genbounds.models.norms._attention import attention_lipschitz, attention_token_norm
from genbounds.models.norms._pooling import pooling_lipschitz
from genbounds.models.norms.convolution import LARGEST_GRAM, ConvolutionNorms, convolution_norms
from genbounds.models.norms.data import data_norm
from genbounds.models.norms.entrywise import frobenius_norm, norm_1_inf, norm_2_1
from genbounds.models.norms.normalisation import (
    FOLDING_ERROR,
    batch_norm_affine,
    fold_batch_norm,
    normalisation_lipschitz,
    normalisation_output_norm,
)
from genbounds.models.norms.patches import patch_count
from genbounds.models.norms.spectral import LARGEST_SVD, spectral_bounds, spectral_norm

__all__ = [
    "FOLDING_ERROR",
    "LARGEST_GRAM",
    "LARGEST_SVD",
    "ConvolutionNorms",
    "attention_lipschitz",
    "attention_token_norm",
    "batch_norm_affine",
    "convolution_norms",
    "data_norm",
    "fold_batch_norm",
    "frobenius_norm",
    "norm_1_inf",
    "norm_2_1",
    "normalisation_lipschitz",
    "normalisation_output_norm",
    "patch_count",
    "pooling_lipschitz",
    "spectral_bounds",
    "spectral_norm",
]
