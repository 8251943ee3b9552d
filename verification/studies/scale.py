"""Small networks and as many draws as it takes: the scale at which each capacity bound says something."""

from __future__ import annotations

from dataclasses import replace

from genbounds.verification.rows import Scale as Word
from genbounds.verification.studies.network_study import NetworkStudy
from genbounds.verification.studies.trained_network import NetworkCell

SMALL = NetworkCell(
    "breast_cancer", (30, 4, 1), 10**5, (), bias=False, steps=1000, batch_size=0, learning_rate=0.05, momentum=0.9, weight_decay=0.01
)
"""Full-batch gradient descent on the weighted sample; the decay keeps the norms small beside the margins."""
LINEAR = replace(SMALL, widths=(30, 1), weight_decay=0.001)
DIGITS = replace(SMALL, population="digits", widths=(64, 8, 10), learning_rate=0.2, weight_decay=0.003)
WITH_BIASES = {"bias": True, "weight_decay": 0.001}
PROJECTED = {"weight_decay": 0.0, "learning_rate": 0.1, "bounds": ("rademacher.uniform_deviation",)}


class Scale(NetworkStudy):
    """For each bound on a capacity a network and a sample size, mostly a power of ten, at which it is below 1/2.

    A sample of 1e14 draws from a pool of 569 points is 569 multinomial counts; the network trains on the weighted sample, and errors and
    margins are counted exactly.
    """

    name = "scale"
    revision = 1
    description = (
        "Small networks, and as many draws as each capacity bound needs to say something; n is also given as a multiple of the pool."
    )
    scale: Word = "non-vacuous"
    seeds = (1, 5)
    networks = (
        replace(SMALL, n=10**5, bounds=("vc.growth_function",), **WITH_BIASES),
        replace(SMALL, n=10**6, bounds=("vc.sauer",), **WITH_BIASES),
        replace(DIGITS, n=10**6, bounds=("vc.growth_function",), **WITH_BIASES),
        replace(LINEAR, n=10**5, radius=2.0, **PROJECTED),
        replace(SMALL, n=10**6, radius=2.0, **PROJECTED),
        replace(SMALL, n=10**6, bounds=("margin.norm_product",)),
        replace(SMALL, n=10**9, bounds=("margin.spectral",)),
        replace(SMALL, n=10**9, bounds=("margin.spectral:homogeneous",)),
        replace(SMALL, n=10**14, bounds=("margin.bartlett2017spectral",)),
        replace(LINEAR, n=10**8, bounds=("margin.spectral",)),
        replace(LINEAR, n=10**12, bounds=("margin.bartlett2017spectral",)),
        replace(DIGITS, n=10**9, bounds=("margin.norm_product",)),
        replace(DIGITS, n=10**12, bounds=("margin.spectral",)),
    )
