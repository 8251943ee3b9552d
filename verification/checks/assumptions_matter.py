"""Which assumptions of a bound matter: for each a world in which it alone is violated, and whether the bound is false there.

An assumption whose violation never hurts in the worlds at hand is reported as such. It is not removed for that: theorems are proved, not
tried, and another world may need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.matching import assumptions_of, match
from genbounds.verification.checks.needless import PROVED
from genbounds.verification.checks.rungs import EverySample
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Scenario, Size

Hurts = Literal["yes", "no", "not needed", "no world"]


@dataclass(frozen=True)
class Matters:
    """One assumption of one form of a bound.

    Attributes:
        bound: the bound's name.
        form: the form of the theorem.
        assumption: the name of the assumption.
        hurts: ``yes`` if the bound is false in a hostile scenario that violates no other assumption of its list, ``no`` if it is true in
            all such scenarios, ``not needed`` if it is proved to be true without (and ``evidence`` is the proof), ``no world`` if there is
            neither.
        scenario: where it is false, or the first in which it was looked at; empty if there is none.
        choice: the choice that looks at the sample there.
        evidence: the refutation, or the proof, in one sentence.
    """

    bound: str
    form: Any
    assumption: str
    hurts: Hurts
    scenario: str = ""
    choice: str = ""
    evidence: str = ""


def assumptions_matter(bound: Bound, scenarios: Sequence[Scenario], size: Size = "thumbnail", form: Any = None) -> list[Matters]:
    """One row for each assumption of a form of a bound.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> from genbounds.verification.scenarios import names, scenario
    >>> rows = assumptions_matter(hoeffding, [scenario(name) for name in names() if name.startswith("hostile")])
    >>> [(row.assumption, row.hurts) for row in rows]
    [('iid sample', 'yes'), ('loss in [0, 1]', 'yes'), ('hypothesis independent of the sample', 'yes')]
    """
    form = bound.declaration.form if form is None else form
    found = {assumption: list(_looked_at(bound, form, assumption, scenarios, size)) for assumption in assumptions_of(bound, form)}
    return [_row(bound, form, assumption, looks) for assumption, looks in found.items()]


def fails_without(bound: Bound, scenario: Scenario, assumes: Sequence[Assumption], size: Size = "thumbnail", form: Any = None) -> str:
    """Whether a hostile scenario refutes a bound under another list of assumptions: the evidence; empty if it is not judged, or stands."""
    found = match(bound, scenario, form, assumes)
    finding = EverySample().look(found, size) if found.judged else None
    return finding.evidence if finding is not None and finding.verdict is Verdict.REFUTED else ""


def _looked_at(
    bound: Bound, form: Any, assumption: Assumption, scenarios: Sequence[Scenario], size: Size
) -> Iterator[tuple[Scenario, str]]:
    """The hostile scenarios in which this assumption alone is violated, each with what refutes the bound there (empty if nothing does)."""
    others = [entry for entry in assumptions_of(bound, form) if entry != assumption]
    for scenario in scenarios:
        if not scenario.hostile or match(bound, scenario, form).violated != (assumption,):
            continue
        found = match(bound, scenario, form, others)
        finding = EverySample().look(found, size) if found.judged else None
        if finding is not None:
            yield scenario, finding.evidence if finding.verdict is Verdict.REFUTED else ""
            if finding.verdict is Verdict.REFUTED:
                return


def _row(bound: Bound, form: Any, assumption: Assumption, looks: Sequence[tuple[Scenario, str]]) -> Matters:
    proof = PROVED.get((bound.name, str(form), assumption.name), "")
    if proof and not any(evidence for _, evidence in looks):
        return Matters(bound.name, form, assumption.name, "not needed", evidence=proof)
    if not looks:
        return Matters(bound.name, form, assumption.name, "no world")
    scenario, evidence = max(looks, key=lambda entry: bool(entry[1]))
    return Matters(bound.name, form, assumption.name, "yes" if evidence else "no", scenario.name, scenario.hostile, evidence)
