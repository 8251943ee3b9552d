"""What the bounds on the risk of a uniformly stable algorithm declare alike."""

from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    BOUNDED_LOSS,
    DETERMINISTIC_ALGORITHM,
    IID_SAMPLE,
    Assumption,
)
from genbounds.bounds.bounds_on import STABILITY
from genbounds.bounds.inputs import LOSS_AVERAGE, Domain, Requirement


def stable_algorithm(
    risk: str, symbol: str, notion: Assumption, takes: tuple[str, ...] = (STABILITY,), **domains: Domain
) -> dict[str, Any]:
    """For a bound in terms of ``risk`` (the name of the empirical or leave-one-out risk) and of a stability in the sense of ``notion``,
    which certificates of what ``takes`` names may state.
    """
    in_range = Requirement(
        (risk, "loss_range"),
        lambda loss_range, **given: given[risk] <= loss_range,
        f"{risk} must be at most loss_range",
        "the loss lies in [0, loss_range], and so does its average",
    )
    return {
        "assumes": (IID_SAMPLE, BOUNDED_LOSS, notion, ALGORITHM_FIXED_IN_ADVANCE, DETERMINISTIC_ALGORITHM),
        "symbols": {risk: symbol, "stability": r"\beta", "n": "n", "delta": r"\delta", "loss_range": "M"},
        "domains": {risk: LOSS_AVERAGE, **domains},
        "requires": (in_range,),
        "increasing": (risk, "stability", "loss_range"),
        "decreasing": ("delta",),
        "takes": {"stability": takes},
        "trivial": "loss_range",
        "holds_for": "the output of the algorithm on the sample",
    }
