"""Margin bounds of networks: products of norms, spectral complexity."""

from genbounds.bounds.margin._bartlett2017spectral import bartlett2017spectral
from genbounds.bounds.margin._norm_product import norm_product
from genbounds.bounds.margin._spectral import spectral

__all__ = ["bartlett2017spectral", "norm_product", "spectral"]
