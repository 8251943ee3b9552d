"""Curvature of the loss and the tangent kernel: estimates, which no certificate takes."""

from genbounds.models.curvature.gradient_norms import gradient_norms
from genbounds.models.curvature.hessian import hessian_top_eigenvalue, hessian_trace
from genbounds.models.curvature.kuzborskij_lampert2018 import initial_curvature
from genbounds.models.curvature.mean_estimate import MeanEstimate
from genbounds.models.curvature.tangent_kernel import TangentKernel, tangent_kernel, tangent_kernel_product

__all__ = [
    "MeanEstimate",
    "TangentKernel",
    "gradient_norms",
    "hessian_top_eigenvalue",
    "hessian_trace",
    "initial_curvature",
    "tangent_kernel",
    "tangent_kernel_product",
]
