"""What the suite says of a bound in one sentence, from what the rungs found: the same words on the command line and in a report."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol, TypeVar

from genbounds.bounds.special.rounding import decimal_down
from genbounds.verification.checks.verdicts import Verdict

UNREFUTABLE = "no scenario here could refute it"
"""Said of a bound whose resolution is 0 everywhere."""
HIDDEN = 0.005
"""A cap is spoken of where it makes more of a difference to the resolution than this."""


class Found(Protocol):
    """A finding with the scenario in which it was made."""

    @property
    def scenario(self) -> str:
        """The name of the scenario."""

    @property
    def rung(self) -> str:
        """The name of the rung."""

    @property
    def verdict(self) -> Verdict:
        """What the rung says."""

    @property
    def resolution(self) -> float | None:
        """The largest factor that would have been refuted."""

    @property
    def with_cap(self) -> float | None:
        """The same with constant caps left on."""

    @property
    def world(self) -> str:
        """Where."""

    @property
    def delta(self) -> Fraction | None:
        """At which failure probability."""

    @property
    def evidence(self) -> str:
        """The refutation, or what was looked at."""


F = TypeVar("F", bound=Found)


def best_of(found: Sequence[F]) -> F | None:
    """The finding that says most of a bound: a refutation, else the one with the largest resolution; None where there is none."""
    return max(found, key=lambda one: (one.verdict is Verdict.REFUTED, one.resolution or 0.0), default=None)


def sentence(found: Sequence[Found], mode: str, missing: str) -> str:
    """The verdict: the evidence, or how small a mistake would have been noticed and where, or what is missing for a judgement.

    Args:
        found: what each rung found in each scenario where the bound is judged.
        mode: that of the statement, "HP", "EXP" or "DET".
        missing: why nothing judges the bound, said where there is no finding.

    >>> sentence([], "HP", "nothing supplies radius")
    'not judged: nothing supplies radius'
    """
    best = best_of(found)
    if best is None:
        return f"not judged: {missing}"
    if best.verdict is Verdict.REFUTED:
        return f"refuted ({best.scenario}, {best.rung}): {best.evidence}"
    if not best.resolution:
        return f"not refuted; {UNREFUTABLE}"
    at = f"{best.scenario}: {best.world}" + (f", delta = {float(best.delta):g}" if best.delta else "")
    capped = "" if (best.with_cap or 0) <= best.resolution + HIDDEN else "; a cap in the formula hides larger ones here"
    return f"not refuted; {would_be_refuted(best.resolution, mode)} ({at}{capped})"


def would_be_refuted(resolution: float, mode: str) -> str:
    """How small a mistake would have been noticed.

    >>> would_be_refuted(0.8667, "HP")
    'a deviation 0.866 times as large would have been'
    >>> would_be_refuted(1.0, "DET")
    'any smaller bound would have been'
    """
    what = "deviation" if mode == "HP" else "bound"
    if resolution == 1:
        return f"any smaller {what} would have been"
    return f"a {what} {decimal_down(resolution, 3)} times as large would have been"
