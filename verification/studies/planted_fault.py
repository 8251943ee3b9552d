"""The canary of the kill matrix: a fault that every rung must kill, and the formula itself, which none may."""

from __future__ import annotations

from genbounds.bounds.holdout import hoeffding
from genbounds.verification.checks.faults.counts import counted
from genbounds.verification.checks.faults.generated import Fault, faults, unchanged
from genbounds.verification.checks.faults.killing import fate, in_bound, on_trial, tried_in
from genbounds.verification.checks.matching import match
from genbounds.verification.runs.canary import Canary
from genbounds.verification.scenarios import scenario

OPERATOR = "n for 4n"


def canary() -> Canary:
    """Hoeffding's bound at four times its n must be refuted by each rung and booked as caught; the bound as it is must not."""
    found = match(hoeffding, scenario("fixed hypothesis"))
    counts = counted(found)
    assert counts is not None
    trial = on_trial([found], "thumbnail", [hoeffding], [counts])

    def seen(fault: Fault) -> dict[str, bool]:
        return {
            "every sample": any(tried_in(in_bound(fault), setting)[1] for setting in trial.tried),
            "all risks": bool(counts.enumerated(fault.formula)),
            "deep tail": bool(counts.far_out(fault.formula)),
            "the book of kills": fate(fault, in_bound(fault), trial).fate == "caught",
        }

    planted = seen(next(fault for fault in faults(hoeffding) if fault.operator == OPERATOR))
    sound = seen(unchanged(hoeffding))
    return Canary.of("four times the n of Hoeffding's bound", {check: (planted[check], sound[check]) for check in planted})
