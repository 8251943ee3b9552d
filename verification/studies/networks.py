"""Networks of realistic size on real data: what the bounds say at the scale at which networks are trained."""

from __future__ import annotations

from dataclasses import replace

from genbounds.verification.rows import Scale
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
WITHOUT_BIASES = {"bias": False, "held_out": 0, "weight_decay": 0.001}
PROJECTED = {"bias": False, "held_out": 0, "batch_size": 0, "steps": 800, "momentum": 0.9, "bounds": ("rademacher.uniform_deviation",)}


class Networks(NetworkStudy):
    """Digits with 64-64-64-10 ReLU units, breast cancer with 30-32-1: all families that certify a trained network."""

    name = "networks"
    revision = 1
    description = (
        "Networks of realistic size, trained on as many draws as the data set has points: what each family of bounds says of them."
    )
    scale: Scale = "realistic"
    seeds = (2, 8)
    networks = (
        DIGITS,
        replace(DIGITS, bounds=MARGIN, **WITHOUT_BIASES),
        BREAST_CANCER,
        replace(BREAST_CANCER, bounds=MARGIN, **WITHOUT_BIASES),
        replace(BREAST_CANCER, radius=2.0, **PROJECTED),
        replace(BREAST_CANCER, widths=(30, 1), radius=1.0, **PROJECTED),
        replace(DIGITS, population="digits_0_vs_rest", widths=(64, 64, 1), radius=1.5, **PROJECTED),
        replace(DIGITS, population="digits_0_vs_rest", widths=(64, 1), radius=2.0, **PROJECTED),
    )
