"""A study whose last bits depend on how many threads add up a product, unless somebody fixes that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genbounds.verification.learners.linear_models import minimise
from genbounds.verification.populations import population
from genbounds.verification.runs.cells import Result, Study


@dataclass(frozen=True)
class Product:
    """One product, of matrices of this seed."""

    seed: int


class Products(Study):
    """A product and a solution by numpy, a product by torch, a regularised minimiser, and how many threads each library has."""

    name = "products"
    revision = 1
    description = "Products."
    tile_size = 2

    def cells(self) -> Sequence[Product]:
        """Two in a tile."""
        return [Product(seed) for seed in range(4)]

    def run_tile(self, cells: Sequence[Product]) -> list[Result]:
        """Their bits."""
        return [self._run(cell.seed) for cell in cells]

    def _run(self, seed: int) -> Result:
        import scipy.linalg
        import torch
        from sklearn.neighbors import KernelDensity  # noqa: F401  brings an OpenMP library of its own
        from threadpoolctl import threadpool_info

        rng = np.random.default_rng(seed)
        matrix, other = rng.standard_normal((2, 300, 20000)) / 100
        pool = population("digits_0_vs_rest")
        counts = pool.sample_counts(("products", seed), 1200)
        found = minimise(pool.inputs, pool.labels, counts, 1.0, pool.input_radius)
        return {
            "numpy": float((matrix @ other.T).sum()),
            "vector": float((matrix @ other[0]).sum()),
            "scipy": float(scipy.linalg.solve(matrix @ matrix.T, other[:, 0]).sum()),
            "torch": float((torch.from_numpy(matrix) @ torch.from_numpy(other).T).sum()),
            "weights": [float(weight) for weight in found.weights],
            "risk": [found.sample_risk, found.pool_risk, found.error],
            "threads": sorted({library["num_threads"] for library in threadpool_info()} | {torch.get_num_threads()}),
        }
