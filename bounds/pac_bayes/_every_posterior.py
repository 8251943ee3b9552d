"""What the bounds declare alike that hold for every posterior at once, in terms of its empirical Gibbs risk and its KL from the prior."""

from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK

EVERY_POSTERIOR: dict[str, Any] = {
    "bounds_on": GIBBS_RISK,
    "assumes": (IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE),
    "symbols": {"empirical_risk": r"\widehat{R}_n(Q)", "kl": r"\mathrm{KL}(Q \Vert P)", "n": "n", "delta": r"\delta"},
    "increasing": ("empirical_risk", "kl"),
    "takes": {"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    "decreasing": ("n", "delta"),
    "holds_for": "every posterior at once",
}
