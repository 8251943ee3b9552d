"""``genbounds check`` and ``genbounds scenarios``: one bound on trial, and where bounds are tried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genbounds.bounds.exact import to_json
from genbounds.bounds.lookup import catalogue, get
from genbounds.bounds.theorem import Bound, Capacity
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.commands.output import FINE, REFUTED, WRONG_USAGE, AsJson, clean_errors, print_json
from genbounds.verification.commands.terminal import say

if TYPE_CHECKING:
    from genbounds.verification.checks.check import Checked
    from genbounds.verification.checks.rungs.rung import Finding
    from genbounds.verification.rows.report import Report

__all__ = ["check", "scenarios"]

RESOLUTION = "resolution: the largest factor on the deviation that would have been refuted; near 1, small mistakes would have been noticed"
"""What is said below trials that have one."""


@clean_errors
def check(
    target: Annotated[
        str, typer.Argument(metavar="NAME|FILE.py[:NAME]", help="A bound or capacity of the catalogue, or one in a file of yours.")
    ],
    scenario: Annotated[
        list[str] | None, typer.Option(help="Only this scenario (of a capacity: small world); may be given several times.")
    ] = None,
    rung: Annotated[
        list[str] | None,
        typer.Option(help="Only this rung (a rule of judging, such as 'every sample'), or 'exact'; may be given several times."),
    ] = None,
    form: Annotated[str | None, typer.Option(help="Another form of the theorem, such as printed.")] = None,
    full: Annotated[bool, typer.Option("--full", help="More worlds and more draws.")] = False,
    seconds: Annotated[float | None, typer.Option(help="Begin no further scenario after this many seconds.")] = None,
    search: Annotated[
        bool, typer.Option("--search", help="Search the scenarios' parameters for the world in which the bound is nearest to the truth.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write a report on the trials of this bound into this folder.")
    ] = None,
    export: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the enumeration over all risks to this file, as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a bound or a capacity on trial; exit status 1 if it is refuted, 2 if nothing could judge it."""
    from genbounds.verification.checks.check import check as put_on_trial
    from genbounds.verification.checks.exporting import enumeration_of
    from genbounds.verification.rows.trial_row import checked_to_dict
    from genbounds.verification.runs.store import write_atomically

    bound = chosen_theorem(target)
    if not isinstance(bound, Bound) and (search or export is not None):
        got = "--search" if search else "--export"
        raise ValueError(f"{got} must be left out for a capacity, got {bound.name}: name a bound that takes it, or leave {got} out")
    asked = next((known for known in bound.forms if str(known) == form), form)
    rungs = "exact" if rung == ["exact"] else rung
    if search and isinstance(bound, Bound):
        raise typer.Exit(_searched(bound, scenario, asked, as_json=as_json))
    found = put_on_trial(bound, scenarios=scenario, rungs=rungs, size="full" if full else "thumbnail", seconds=seconds, form=asked)
    if report is not None:
        from genbounds.verification.report.write import write_report

        write_report(report_of(found, target), report)
    if export is not None and isinstance(bound, Bound):
        write_atomically(export, json.dumps(enumeration_of(bound, asked), indent=1) + "\n")
    if as_json:
        said = {"bound": bound.name, "form": str(found.form), "sentence": found.sentence(), "refuted": found.refuted}
        print_json(to_json({**said, **checked_to_dict(found)}))
    else:
        say(f"{bound.name}: {found.sentence()}")
        for trial in found.judged:
            for finding in trial.findings:
                say(f"  {trial.match.scenario.name}, {finding.rung}: {_verdict(finding)}")
        if any(finding.resolution is not None for trial in found.judged for finding in trial.findings):
            say(RESOLUTION)
        if found.skipped:
            say(f"  not looked at, because the time was up: {', '.join(found.skipped)}")
    raise typer.Exit(REFUTED if found.refuted else FINE if found.judged else WRONG_USAGE)


def _verdict(finding: Finding) -> str:
    """The verdict of one rung in one scenario; of a proof also what was proved, which is a statement about one sample size and delta."""
    if finding.verdict is Verdict.PROVED_BY_ENUMERATION:
        return finding.evidence
    return str(finding.verdict) if finding.resolution is None else f"{finding.verdict}, resolution {finding.resolution:.3f}"


def _searched(bound: Bound, scenarios: list[str] | None, form: Any, *, as_json: bool) -> int:
    """Print the world with the least slack in each scenario, and return the exit status."""
    from genbounds.verification.checks.search import search

    found = search(bound, scenarios=scenarios, form=form)
    if as_json:
        listed = [
            {
                "scenario": one.scenario,
                "parameters": {name: to_json(entry) for name, entry in one.parameters.items()},
                "factor": one.factor,
                "sentence": one.sentence(),
            }
            for one in found
        ]
        print_json({"bound": bound.name, "refuted": any(one.judgement.refuted for one in found), "worlds": listed})
    else:
        for one in found:
            say(f"{bound.name}: {one.sentence()}")
        if not found:
            say(f"{bound.name}: no scenario that judges it has parameters to search")
    return REFUTED if any(one.judgement.refuted for one in found) else FINE if found else WRONG_USAGE


def report_of(found: Checked, target: str) -> Report:
    """A report of its own with the trials of one bound."""
    from genbounds.verification.rows.report import Report
    from genbounds.verification.rows.trial_row import checked_rows, checked_to_dict

    rows = checked_rows(checked_to_dict(found), study="check", cell=target, bound=found.bound.name, form=str(found.form))
    return Report(f"{found.bound.name} on trial", {"target": target}, tuple(rows))


def chosen_theorem(target: str) -> Bound | Capacity:
    """The bound or capacity that a name of the catalogue or ``FILE.py:NAME`` stands for; ``ValueError`` if there is none."""
    from genbounds.verification.checks.users_bound import theorem_from_file

    path, _, name = target.partition(":")
    if path.endswith(".py"):
        return theorem_from_file(Path(path), name or None)
    found = get(target)
    assert isinstance(found, Bound | Capacity)
    return found


@clean_errors
def scenarios(as_json: AsJson = False) -> None:
    """List the scenarios, and how many bounds each of them can judge."""
    from genbounds.verification.checks.matching import match
    from genbounds.verification.scenarios import names, scenario

    bounds = [bound for bound in catalogue() if isinstance(bound, Bound)]
    listed = []
    for one in map(scenario, names()):
        judged = [bound.name for bound in bounds if match(bound, one).judged]
        listed.append({"name": one.name, "description": one.description, "hostile": one.hostile, "judges": judged})
    if as_json:
        print_json(listed)
        return
    for entry in listed:
        looks = f" [{entry['hostile']} looks at the sample]" if entry["hostile"] else ""
        say(f"{entry['name']}{looks}: {entry['description']}")
        say(f"  judges {len(entry['judges'])} bounds: {', '.join(entry['judges'])}")
