"""What the spectral margin bounds share: their inputs and the conditions that tie them together."""

from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    DATA_NORM_OF_SAMPLE,
    IID_SAMPLE,
    LIPSCHITZ_ACTIVATION,
    MARGIN_LOSS,
    NO_BIAS,
    REFERENCE_FIXED_IN_ADVANCE,
)
from genbounds.bounds.declaration import DERIVED
from genbounds.bounds.inputs import POSITIVE_VECTOR, Requirement

SYMBOLS = {
    "margin_risk": r"\widehat{R}_\gamma",
    "margin": r"\gamma",
    "spectral_norms": r"\sigma",
    "distances_2_1": "b",
    "lipschitz": r"\rho",
    "widths": "d",
    "outputs": "K",
    "data_norm": r"\left\Vert X \right\Vert_F",
    "n": "n",
    "delta": r"\delta",
}
LIPSCHITZ = POSITIVE_VECTOR.meaning_is("Lipschitz constant of the activation after each layer (1 for the last)")


def _one_entry_a_layer(spectral_norms: Any, distances_2_1: Any, lipschitz: Any, widths: Any) -> Any:
    layers = np.shape(spectral_norms)[-1]
    return np.shape(distances_2_1)[-1] == np.shape(lipschitz)[-1] == layers == np.shape(widths)[-1] - 1


LAYERS_FIT = Requirement(
    ("spectral_norms", "distances_2_1", "lipschitz", "widths"),
    _one_entry_a_layer,
    "spectral_norms, distances_2_1 and lipschitz must have one entry per layer, and widths one more",
    "pass widths = (inputs, hidden..., outputs) and one constant for each weight matrix",
)


def _last_width(widths: Any, outputs: Any) -> Any:
    return np.asarray(widths, dtype=object)[..., -1] == outputs if isinstance(widths, tuple) else widths[..., -1] == outputs


OUTPUTS_FIT = Requirement(
    ("widths", "outputs"),
    _last_width,
    "outputs must equal the last of the widths",
    "pass the number of logits, or 1 for a scalar",
)
CHAIN = (
    IID_SAMPLE,
    MARGIN_LOSS,
    ARCHITECTURE_FIXED_IN_ADVANCE,
    LIPSCHITZ_ACTIVATION,
    NO_BIAS,
    REFERENCE_FIXED_IN_ADVANCE,
    DATA_NORM_OF_SAMPLE,
)
DECLARED: dict[str, Any] = {
    "provenance": DERIVED,
    "assumes": CHAIN,
    "symbols": SYMBOLS,
    "domains": {"lipschitz": LIPSCHITZ},
    "requires": (LAYERS_FIT, OUTPUTS_FIT),
    "decreasing": ("delta",),
}
