"""Margin bounds of networks: products of norms, spectral complexity."""

from genbounds.bounds.margin._bartlett1998fat_shattering import bartlett1998fat_shattering
from genbounds.bounds.margin._bartlett2017spectral import bartlett2017spectral
from genbounds.bounds.margin._fixed_class import norm_product_fixed_class, spectral_fixed_class
from genbounds.bounds.margin._mohri2018 import mohri2018multiclass, mohri2018uniform
from genbounds.bounds.margin._neyshabur2018pacbayes import neyshabur2018pacbayes, neyshabur2018pacbayes_grid
from genbounds.bounds.margin._norm_product import norm_product
from genbounds.bounds.margin._spectral import spectral

__all__ = [
    "bartlett1998fat_shattering",
    "bartlett2017spectral",
    "mohri2018multiclass",
    "mohri2018uniform",
    "neyshabur2018pacbayes",
    "neyshabur2018pacbayes_grid",
    "norm_product",
    "norm_product_fixed_class",
    "spectral",
    "spectral_fixed_class",
]
