"""Networks of realistic size on real data: what the bounds say at the scale at which networks are trained."""

from __future__ import annotations

from dataclasses import replace

from genbounds.verification.rows.bound_row import Scale
from genbounds.verification.studies.network_study import NetworkStudy
from genbounds.verification.studies.trained_network import NetworkCell

HELD_OUT = ("holdout.hoeffding", "holdout.chernoff_kl", "holdout.clopper_pearson")
MARGIN = ("margin.norm_product", "margin.spectral", "margin.spectral:homogeneous", "margin.bartlett2017spectral")

DIGITS = NetworkCell(
    "digits", (64, 64, 64, 10), 1200, (*HELD_OUT, "vc.growth_function"), steps=1500, batch_size=50, learning_rate=0.1, held_out=1000
)
BREAST_CANCER = NetworkCell(
    "breast_cancer",
    (30, 32, 1),
    400,
    (*HELD_OUT, "vc.growth_function", "vc.sauer"),
    steps=1500,
    batch_size=50,
    learning_rate=0.05,
    held_out=1000,
)
DIGIT_0 = replace(DIGITS, population="digits_0_vs_rest")


def without_biases(cell: NetworkCell) -> NetworkCell:
    """The network for the margin bounds: their norms are those of the weights alone, kept smaller by some decay."""
    return replace(cell, bounds=MARGIN, bias=False, held_out=0, weight_decay=0.001)


def projected(cell: NetworkCell, widths: tuple[int, ...], radius: float) -> NetworkCell:
    """The network for Rademacher complexity: a scalar network in a ball that is fixed in advance."""
    bounds = ("rademacher.uniform_deviation",)
    return replace(cell, widths=widths, radius=radius, bounds=bounds, bias=False, held_out=0, batch_size=0, steps=800, momentum=0.9)


class Networks(NetworkStudy):
    """Digits with 64-64-64-10 ReLU units, breast cancer with 30-32-1: all families that certify a trained network."""

    name = "networks"
    revision = 5
    description = (
        "Networks of realistic size, trained on as many draws as the data set has points: what each family of bounds says of them."
    )
    scale: Scale = "realistic"
    seeds = (2, 8)
    networks = (
        DIGITS,
        without_biases(DIGITS),
        BREAST_CANCER,
        without_biases(BREAST_CANCER),
        projected(BREAST_CANCER, (30, 32, 1), 2.0),
        projected(BREAST_CANCER, (30, 1), 1.0),
        projected(DIGIT_0, (64, 64, 1), 1.5),
        projected(DIGIT_0, (64, 1), 2.0),
    )
