"""``check``: a bound on trial, in every scenario that its declarations fit, by every rung; a capacity in the small worlds that know what it
bounds.

Neither needs a word here to be checked: what it takes, what it bounds and what it assumes are declared with its formula, and scenarios
and small worlds declare what they supply, know and guarantee.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from genbounds.bounds import notebook
from genbounds.bounds.lookup import get
from genbounds.bounds.theorem import Bound, Capacity
from genbounds.verification.checks.coverage import ALPHA
from genbounds.verification.checks.matching import Match, match
from genbounds.verification.checks.rungs import EXACT, EverySample, Finding, Rung, brute_force
from genbounds.verification.checks.rungs import rungs as all_rungs
from genbounds.verification.checks.saying import sentence
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios import names, scenario
from genbounds.verification.scenarios.scenario import Scenario, Size
from genbounds.verification.small_worlds import small_worlds


@dataclass(frozen=True)
class Trial:
    """A bound in one scenario, or a capacity in one small world: how they match, and what each rung found there (nothing where the pair is
    not judged).

    ``against_its_list`` is what is found in a hostile scenario although an assumption of the bound is violated there. Nothing follows for
    the bound: it shows whether the assumption matters.
    """

    match: Match | brute_force.Meeting
    findings: tuple[Finding, ...] = ()
    against_its_list: Finding | None = None

    @property
    def fails_there(self) -> bool | None:
        """In a hostile scenario, whether the bound is false where its violated assumptions are; None where that was not looked at."""
        return None if self.against_its_list is None else self.against_its_list.verdict is Verdict.REFUTED

    @property
    def resolution(self) -> float:
        """The largest factor on the deviation that a rung would have refuted here; 0 if none would."""
        return max((finding.resolution or 0.0 for finding in self.findings), default=0.0)

    @property
    def refuted(self) -> tuple[Finding, ...]:
        """The findings that refute the bound."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.REFUTED)


@dataclass(frozen=True)
class _Placed(Finding):
    """A finding with the scenario in which it was made."""

    scenario: str = ""


@dataclass(frozen=True)
class Checked:
    """What the suite says about one form of a bound or a capacity.

    Made by ``check``.

    Attributes:
        bound: the bound, or the capacity.
        form: the form of the theorem.
        trials: one for each scenario that supplies what the bound takes and knows what it bounds; for a capacity, one for each small world
            that judges it.
        apart: the other scenarios (small worlds), with the reasons why they do not match.
        skipped: names of scenarios that were not looked at because the time was up.
    """

    bound: Bound | Capacity
    form: Any
    trials: tuple[Trial, ...]
    apart: tuple[Match | brute_force.Meeting, ...] = field(default=(), repr=False)
    skipped: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[Trial, ...]:
        """The trials in which a rung judged the bound."""
        return tuple(trial for trial in self.trials if trial.findings)

    @property
    def refuted(self) -> bool:
        """Whether any rung refuted the bound in a scenario where all its assumptions hold."""
        return any(trial.refuted for trial in self.judged)

    @property
    def best(self) -> tuple[Trial, Finding] | None:
        """The trial and finding with the largest resolution; None where no rung judged the bound."""
        found = [(trial, finding) for trial in self.judged for finding in trial.findings]
        return max(found, key=lambda pair: pair[1].resolution or 0.0, default=None)

    @property
    def informative(self) -> bool:
        """Whether some rung judged the bound in a world where it is not vacuous."""
        return any(finding.informative for trial in self.judged for finding in trial.findings)

    @property
    def resolution(self) -> float:
        """The best resolution over all scenarios and rungs."""
        return max((trial.resolution for trial in self.judged), default=0.0)

    def sentence(self) -> str:
        """The verdict in one sentence: the evidence, or how small a mistake would have been noticed.

        >>> check("hoeffding", scenarios="fixed_hypothesis", rungs="exact").sentence()
        'not refuted; a deviation 0.904 times as large would have been (fixed hypothesis: n = 1000000, p = 1/2, delta = 1e-06)'
        """
        found = [_Placed(**vars(finding), scenario=trial.match.scenario.name) for trial in self.judged for finding in trial.findings]
        return sentence(found, self.bound.declaration.mode, "" if found else self.why_not_judged())

    def _repr_html_(self) -> str:
        """For notebooks: the sentence, what is missing, and a line for each trial."""
        found = [
            (trial.match.scenario.name, finding.rung, str(finding.verdict), finding.world, finding.evidence)
            for trial in self.judged
            for finding in trial.findings
        ]
        rows = [("verdict", self.sentence())] + ([("lacking", self.lacking())] if self.lacking() else [])
        rows += [("left out, as the time was up", ", ".join(self.skipped))] if self.skipped else []
        told = notebook.columns(("scenario", "rung", "verdict", "world", "evidence"), found)
        notes = ["“Not refuted” is not a proof. The assumptions are those that the scenarios guarantee."]
        return notebook.table(self.bound.name, rows, notes) + notebook.folded(f"{len(found)} findings", told)

    def lacking(self) -> str:
        """What is missing for a complete check, in one sentence; empty if the bound is judged, and somewhere not vacuous.

        >>> check("hoeffding", scenarios="memoriser").lacking()
        "holdout.hoeffding is judged by no scenario: memoriser: 'hypothesis independent of the sample' does not hold here"
        """
        if not self.judged:
            place = "small world" if isinstance(self.bound, Capacity) else "scenario"
            return f"{self.bound.name} is judged by no {place}: {self.why_not_judged()}"
        if not self.informative:
            where = ", ".join(trial.match.scenario.name for trial in self.judged)
            return (
                f"{self.bound.name} is vacuous in every world that judges it ({where}): list a world with more examples or a smaller class"
            )
        return ""

    def why_not_judged(self) -> str:
        """Why no scenario judges the bound: what the nearest scenarios lack."""
        reasons = [f"{trial.match.scenario.name}: {trial.match.why_not() or 'the bound refuses its worlds'}" for trial in self.trials]
        if not reasons:
            nearest = sorted(self.apart, key=lambda one: len(one.missing))[:3]
            refuses = f"{self.bound.name} refuses all its settings"
            reasons = [f"{one.scenario.name}: {one.why_not() or refuses}" for one in nearest]
        return "; ".join(reasons) or self._nothing_looked_at()

    def _nothing_looked_at(self) -> str:
        if isinstance(self.bound, Capacity):
            known = sorted({one.gives for one in small_worlds()})
            return f"no small world knows {self.bound.declaration.gives!r}; they know {', '.join(known)}"
        return "no scenario was looked at"


def check(
    bound: Bound | Capacity | str,
    *,
    scenarios: str | Scenario | Sequence[str | Scenario] | None = None,
    rungs: str | Sequence[str] | None = None,
    size: Size = "thumbnail",
    seconds: float | None = None,
    form: Any = None,
    alpha: float = ALPHA,
    seed: int = 0,
) -> Checked:
    """Put a bound or a capacity on trial.

    A capacity is compared with what it bounds in the small worlds that know this by brute force; it is refuted where it is below.

    Args:
        bound: a ``Bound`` or a ``Capacity``, also one that you wrote five minutes ago, or the name of one in the catalogue.
        scenarios: names of scenarios, or scenarios of your own; all scenarios if not given. For a capacity, names of small worlds.
        rungs: names of rungs, or ``"exact"`` for those that draw nothing; all if not given.
        size: ``"thumbnail"`` or ``"full"``: how many worlds and draws.
        seconds: after this time no further scenario or small world is begun; those left out are named in the result.
        form: another form of the theorem than the default.
        alpha: the probability of a false alarm of the whole check, divided among the rungs that draw.
        seed: the number of the first draw; checks with seeds far apart share no draw.

    Returns:
        what was found: ``refuted``, ``resolution``, and ``sentence()``.

    Raises:
        ValueError: an unknown bound, scenario or rung; the message lists the known ones.

    >>> from genbounds.bounds.vc import sauer
    >>> result = check(sauer, scenarios="memoriser")
    >>> result.refuted, round(result.resolution, 4)
    (False, 0.8493)
    >>> check("dimension_halfspace").sentence()
    'not refuted; any smaller bound would have been (dimension of half-spaces: ...
    """
    judged = get(bound) if isinstance(bound, str) else bound
    if isinstance(judged, Capacity):
        return _check_capacity(judged, scenarios, rungs, size, seconds, form)
    if not isinstance(judged, Bound):
        raise ValueError(f"bound must be a bound, a capacity or a name, got {bound!r}: pass a function decorated with @bound or @capacity")
    chosen, looked = list(_scenarios(scenarios)), _rungs(rungs, seed)
    start = time.monotonic()
    trials: list[Trial] = []
    apart: list[Match] = []
    drawing = sum(not rung.exact for rung in looked) * len(chosen)
    for position, one in enumerate(chosen):
        if seconds is not None and time.monotonic() - start > seconds:
            skipped = tuple(left.name for left in chosen[position:])
            return Checked(judged, form, tuple(trials), tuple(apart), skipped)
        found = match(judged, one, form)
        if found.fits:
            trials.append(try_one(found, looked, size, alpha / max(drawing, 1)))
        else:
            apart.append(found)
    return Checked(judged, judged.declaration.form if form is None else form, tuple(trials), tuple(apart))


def _check_capacity(
    capacity: Capacity,
    asked: str | Scenario | Sequence[str | Scenario] | None,
    rungs: str | Sequence[str] | None,
    size: Size,
    seconds: float | None,
    form: Any,
) -> Checked:
    """The capacity in every small world that knows what it gives; those that do not judge it are kept apart, for the reasons."""
    if rungs not in (None, "exact", brute_force.NAME, [brute_force.NAME], (brute_force.NAME,)):
        raise ValueError(f"rungs of a capacity must be {brute_force.NAME!r}, got {rungs!r}: leave them out")
    known = {one.name: one for one in small_worlds() if one.gives == capacity.declaration.gives}
    listed = None if asked is None else [asked] if isinstance(asked, str | Scenario) else list(asked)
    wrong = [one for one in listed or () if not isinstance(one, str) or one.replace("_", " ") not in known]
    if wrong:
        named = wrong[0] if isinstance(wrong[0], str) else wrong[0].name
        there = ", ".join(known) or "none"
        raise ValueError(
            f"scenarios of a capacity must be small worlds that know its {capacity.declaration.gives} ({there}), got {named!r}"
        )
    chosen = None if listed is None else [known[str(one).replace("_", " ")] for one in listed]
    form = capacity.declaration.form if form is None else form
    start = time.monotonic()
    trials: list[Trial] = []
    apart: list[brute_force.Meeting] = []
    met = brute_force.meetings(capacity, form, chosen)
    for position, meeting in enumerate(met):
        if seconds is not None and time.monotonic() - start > seconds:
            return Checked(capacity, form, tuple(trials), tuple(apart), tuple(left.small.name for left in met[position:]))
        found = brute_force.look(meeting, size)
        if found is None:
            apart.append(meeting)
        else:
            trials.append(Trial(meeting, (found,)))
    return Checked(capacity, form, tuple(trials), tuple(apart))


def try_one(found: Match, rungs: Iterable[Rung], size: Size, alpha: float) -> Trial:
    """What the rungs find in one scenario; nothing where the match is not to be judged."""
    if not found.judged:
        looked_at = found.scenario.hostile and found.violated and not found.unknown
        return Trial(found, against_its_list=EverySample().look(found, size) if looked_at else None)
    findings = (rung.look(found, size, alpha) for rung in rungs)
    return Trial(found, tuple(finding for finding in findings if finding is not None))


def _scenarios(asked: str | Scenario | Sequence[str | Scenario] | None) -> Iterator[Scenario]:
    listed = names() if asked is None else (asked,) if isinstance(asked, str | Scenario) else asked
    for entry in listed:
        yield scenario(entry) if isinstance(entry, str) else entry


def _rungs(asked: str | Sequence[str] | None, seed: int) -> tuple[Rung, ...]:
    known = {rung.name: rung for rung in all_rungs(seed)}
    listed = tuple(known) if asked is None else EXACT if asked == "exact" else (asked,) if isinstance(asked, str) else tuple(asked)
    wrong = [name for name in listed if name not in known]
    if wrong:
        raise ValueError(f"rungs must be among {', '.join(known)}, or 'exact', got {wrong[0]!r}: use these names")
    return tuple(known[name] for name in listed)
