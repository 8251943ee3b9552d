"""The rungs of the ladder by which a bound is judged in a scenario: each one decision rule, in a file of its own, usable alone."""

from __future__ import annotations

from genbounds.verification.checks.rungs.all_risks import AllRisks
from genbounds.verification.checks.rungs.deep_tail import DeepTail
from genbounds.verification.checks.rungs.every_n import EveryN
from genbounds.verification.checks.rungs.every_sample import EverySample
from genbounds.verification.checks.rungs.metamorphic import Metamorphic
from genbounds.verification.checks.rungs.repeated_draws import RepeatedDraws
from genbounds.verification.checks.rungs.rung import Finding, Rung


def rungs(seed: int = 0) -> tuple[Rung, ...]:
    """All rungs in the order of reports, the exact ones first; those that draw begin at the draw of that number."""
    return EverySample(), AllRisks(), EveryN(), DeepTail(), Metamorphic(), RepeatedDraws(seed)


RUNGS = rungs()
"""The rungs that begin with the first draw."""
EXACT = tuple(rung.name for rung in RUNGS if rung.exact)
"""The names of the rungs that draw nothing and so raise no false alarm."""

__all__ = ["EXACT", "RUNGS", "AllRisks", "DeepTail", "EveryN", "EverySample", "Finding", "Metamorphic", "RepeatedDraws", "Rung", "rungs"]
