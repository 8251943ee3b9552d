"""Margin bounds of networks: products of norms, spectral complexity."""

from genbounds.bounds.margin._bartlett1998fat_shattering import bartlett1998fat_shattering
from genbounds.bounds.margin._bartlett2017spectral import bartlett2017spectral
from genbounds.bounds.margin._neyshabur2018pacbayes import neyshabur2018pacbayes, neyshabur2018pacbayes_grid
from genbounds.bounds.margin._norm_product import norm_product
from genbounds.bounds.margin._spectral import spectral

__all__ = [
    "bartlett1998fat_shattering",
    "bartlett2017spectral",
    "neyshabur2018pacbayes",
    "neyshabur2018pacbayes_grid",
    "norm_product",
    "spectral",
]
