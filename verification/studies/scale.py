"""Small networks and as many draws as it takes: the scale at which each capacity bound says something."""

from __future__ import annotations

from dataclasses import replace

from genbounds.verification.rows.bound_row import Scale as Word
from genbounds.verification.studies.network_study import NetworkStudy
from genbounds.verification.studies.trained_network import NetworkCell

SMALL = NetworkCell(
    "breast_cancer", (30, 4, 1), 10**5, (), bias=False, steps=1000, batch_size=0, learning_rate=0.05, momentum=0.9, weight_decay=0.01
)
"""Full-batch gradient descent on the weighted sample; the decay keeps the norms small compared with the margins."""
LINEAR = replace(SMALL, widths=(30, 1), weight_decay=0.001)
DIGITS = replace(SMALL, population="digits", widths=(64, 8, 10), learning_rate=0.2, weight_decay=0.003)


def held_out(cell: NetworkCell, n: int) -> NetworkCell:
    """The network, tested on n further draws: what as many points are worth without any theorem on capacity."""
    return replace(cell, n=n, bounds=("holdout.clopper_pearson",), held_out=n)


def certified(cell: NetworkCell, bound: str, n: int) -> NetworkCell:
    """The network without biases, trained on n draws, for one bound."""
    return replace(cell, n=n, bounds=(bound,))


def counted(cell: NetworkCell, bound: str, n: int) -> NetworkCell:
    """The network with biases, whose number of parameters is all that counts."""
    return replace(cell, n=n, bounds=(bound,), bias=True, weight_decay=0.001)


def projected(cell: NetworkCell, radius: float, n: int) -> NetworkCell:
    """The network in a ball that is fixed in advance."""
    return replace(cell, n=n, bounds=("rademacher.uniform_deviation",), radius=radius, weight_decay=0.0, learning_rate=0.1)


class Scale(NetworkStudy):
    """For each bound on a capacity a network and a sample size, a power of ten, at which it is below 1/2.

    A sample of 1e14 draws from a pool of 569 points is 569 multinomial counts; the network trains on the weighted sample, and errors and
    margins are counted exactly.
    """

    name = "scale"
    revision = 4
    description = (
        "Small networks, and as many draws as each capacity bound needs to say something; n is also given as a multiple of the pool."
    )
    scale: Word = "non-vacuous"
    seeds = (1, 5)
    networks = (
        held_out(SMALL, 10**5),
        counted(SMALL, "vc.growth_function", 10**5),
        counted(SMALL, "vc.sauer", 10**6),
        counted(DIGITS, "vc.growth_function", 10**6),
        projected(LINEAR, 2.0, 10**5),
        projected(SMALL, 2.0, 10**6),
        certified(SMALL, "margin.norm_product", 10**6),
        certified(DIGITS, "margin.norm_product", 10**9),
        certified(LINEAR, "margin.spectral", 10**8),
        certified(SMALL, "margin.spectral", 10**9),
        certified(SMALL, "margin.spectral:homogeneous", 10**9),
        certified(DIGITS, "margin.spectral", 10**12),
        certified(LINEAR, "margin.bartlett2017spectral", 10**12),
        certified(SMALL, "margin.bartlett2017spectral", 10**14),
    )
