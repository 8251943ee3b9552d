"""Margin bounds of linear functions and networks, by norms, spectral norms and fat-shattering dimensions."""

from genbounds.bounds.margin._bartlett1998fat_shattering import bartlett1998fat_shattering
from genbounds.bounds.margin._bartlett2017spectral import bartlett2017spectral
from genbounds.bounds.margin._fat_shattering_linear import fat_shattering_linear
from genbounds.bounds.margin._fixed_class import norm_product_fixed_class, spectral_fixed_class
from genbounds.bounds.margin._mohri2018 import mohri2018binary, mohri2018multiclass, mohri2018uniform
from genbounds.bounds.margin._neyshabur2018pacbayes import neyshabur2018pacbayes, neyshabur2018pacbayes_grid
from genbounds.bounds.margin._neyshabur2018perturbed import neyshabur2018output_change, neyshabur2018perturbed
from genbounds.bounds.margin._norm_product import norm_product
from genbounds.bounds.margin._spectral import spectral
from genbounds.bounds.margin._spectral_closed import spectral_closed, spectral_closed_fixed_class
from genbounds.bounds.margin._spectral_graph import spectral_graph

__all__ = [
    "bartlett1998fat_shattering",
    "bartlett2017spectral",
    "fat_shattering_linear",
    "mohri2018binary",
    "mohri2018multiclass",
    "mohri2018uniform",
    "neyshabur2018output_change",
    "neyshabur2018pacbayes",
    "neyshabur2018pacbayes_grid",
    "neyshabur2018perturbed",
    "norm_product",
    "norm_product_fixed_class",
    "spectral",
    "spectral_closed",
    "spectral_closed_fixed_class",
    "spectral_fixed_class",
    "spectral_graph",
]
