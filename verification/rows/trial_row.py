"""The row of a bound in a scenario: what one rung found there, or why the bound is not judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.verification.checks.check import Checked, Trial
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import row_id


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One bound, one scenario, one rung.

    ``resolution`` is the largest factor on what the theorem adds (its deviation) that would have been refuted, None where the rung has no
    such number; ``with_cap`` the same with constant caps of the formula left on. ``world`` and ``delta`` say where. ``evidence`` is the
    refutation, or what was looked at. A pair that is not judged has no rung, and ``evidence`` says why. ``hostile`` names the choice that
    looks at the sample there; empty in an honest scenario. ``measured`` and ``allowed`` are the numbers that decide the verdict: refuted
    where the first is above the second. ``informative``: the bound is not vacuous in a world that was looked at. ``mode`` is that of the
    statement. In a hostile scenario ``violated`` names the assumptions of the bound that do not hold there, and ``fails_there`` says
    whether the bound is false there: then its list needs them.

    >>> row = TrialRow(study="s", cell="c", bound="holdout.hoeffding", scenario="fixed hypothesis", rung="every sample",
    ...                verdict="not refuted", resolution=0.86, with_cap=0.86, world="n = 50, p = 1/2", evidence="every sample")
    >>> row.quantity, row.family
    ('fixed hypothesis: every sample', 'holdout')
    """

    study: str
    cell: str
    bound: str
    scenario: str
    rung: str
    verdict: Verdict
    resolution: float | None
    with_cap: float | None
    world: str
    evidence: str
    form: str = ""
    delta: Fraction | None = None
    looked_at: int = 0
    hostile: str = ""
    mode: str = "HP"
    measured: float | None = None
    allowed: float | None = None
    informative: bool = False
    violated: str = ""
    fails_there: bool | None = None

    def __post_init__(self) -> None:
        """Normalise the verdict and refuse a resolution outside [0, 1]."""
        object.__setattr__(self, "verdict", Verdict(self.verdict))
        for name in ("resolution", "with_cap"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} must lie in [0, 1], got {value}: it is a factor on the deviation")

    @property
    def quantity(self) -> str:
        """What tells two rows of one bound apart."""
        parts = [part for part in (self.form, self.scenario, self.rung) if part]
        return ": ".join(parts) if self.scenario else ": ".join([*parts, "nothing judges it"])

    @property
    def family(self) -> str:
        """The family of the bound."""
        return self.bound.split(".")[0]

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @property
    def judged(self) -> bool:
        """Whether the bound was judged here."""
        return bool(self.rung)


def trial_to_dict(trial: Trial) -> dict[str, Any]:
    """A trial as plain values for the store."""
    return {
        "scenario": trial.match.scenario.name,
        "hostile": trial.match.scenario.hostile,
        "why": trial.match.why_not(),
        "violated": "; ".join(assumption.name for assumption in trial.match.violated),
        "fails_there": trial.fails_there,
        "against_its_list": "" if trial.against_its_list is None else trial.against_its_list.evidence,
        "findings": [vars(finding) | {"verdict": str(finding.verdict)} for finding in trial.findings],
    }


def checked_to_dict(found: Checked) -> dict[str, Any]:
    """What a check found, as plain values for the store; ``missing`` says why nothing judges the bound (empty where something does)."""
    return {
        "mode": found.bound.declaration.mode,
        "missing": "" if found.judged else found.why_not_judged(),
        "trials": [trial_to_dict(trial) for trial in found.trials],
    }


def checked_rows(stored: Mapping[str, Any], **words: str) -> list[TrialRow]:
    """The rows of a stored check (``words``: study, cell, bound, form). If nothing judges the bound, the first says what is missing."""
    words["mode"] = stored["mode"]
    rows = [row for trial in stored["trials"] for row in _trial_rows(trial, words)]
    if any(row.judged for row in rows):
        return rows
    return [_unjudged(Verdict.NOT_APPLICABLE, stored["missing"], {**words, "scenario": "", "hostile": ""}), *rows]


def _unjudged(verdict: Verdict, why: str, words: Mapping[str, Any]) -> TrialRow:
    return TrialRow(rung="", verdict=verdict, resolution=None, with_cap=None, world="", evidence=why, **words)


def _trial_rows(stored: Mapping[str, Any], common: Mapping[str, str]) -> list[TrialRow]:
    """The rows of a stored trial: one for each rung, or one that says why the bound is not judged."""
    words = {**common, "scenario": stored["scenario"], "hostile": stored["hostile"]}
    findings = [Finding(**{**entry, "verdict": Verdict(entry["verdict"])}) for entry in stored["findings"]]
    if not findings:
        verdict = Verdict.ASSUMPTION_VIOLATED if stored["violated"] else Verdict.NOT_APPLICABLE
        why = stored["why"] or "the bound refuses the worlds of this scenario"
        if stored["fails_there"] is not None:
            why += f"; there the bound is false: {stored['against_its_list']}" if stored["fails_there"] else "; the bound is true there"
        words |= {"violated": stored["violated"], "fails_there": stored["fails_there"]}
        return [_unjudged(verdict, why, words)]
    return [TrialRow(**{**vars(finding), **words}) for finding in findings]
