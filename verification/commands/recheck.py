"""``genbounds recheck``: is a printed certificate at least what the inputs printed beside it certify? And is one of a report still one?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from genbounds.verification.commands.output import FINE, REFUTED, AsJson, FromReport, clean_errors, print_json, report_here
from genbounds.verification.commands.terminal import say

if TYPE_CHECKING:
    from genbounds.verification.rows.report import Report

__all__ = ["recheck", "rechecked"]

_ID = re.compile(r"[0-9a-f]{10}")


@clean_errors
def recheck(
    printed: Annotated[
        str,
        typer.Argument(
            metavar="PRINTED|ID",
            help="The certificate as printed: 0.161 stands for every number that rounds to it. Or the id of a certificate of a report.",
        ),
    ],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT=VALUE...",
            help="Inputs as printed: empirical_risk=0.028 kl=5144 (or kl_per_n=...) n=55000 delta=0.025; 28/1000 is exact.",
        ),
    ] = None,
    bound: Annotated[
        str, typer.Option(help="The bound that the certificate claims to be, a name of the catalogue.")
    ] = "pac_bayes.seeger2002",
    draws: Annotated[str | None, typer.Option(help="The number of posterior draws over which the empirical risk is an average.")] = None,
    draws_delta: Annotated[str | None, typer.Option(help="The part of delta that is spent on these draws.")] = None,
    whole: Annotated[str | None, typer.Option(help="The size of the whole sample, if the bound is about a part of it.")] = None,
    report: FromReport = None,
    as_json: AsJson = False,
) -> None:
    """Compute a published certificate again; exit status 1 if the printed number is below what its inputs certify.

    With the id of a certificate of a report, and no inputs: compute it from its stored inputs; exit status 1 if today's theorem says
    something else, as one that has gained an assumption does.
    """
    if not inputs and _ID.fullmatch(printed.strip().lower()):
        _recheck_row(printed.strip().lower(), report, as_json)
    from genbounds.verification.rechecking.recheck import recheck as compute

    given: dict[str, str] = {}
    for text in inputs or []:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name or not value:
            raise ValueError(f"inputs must be written input=value, got {text!r}: for example delta=0.05")
        if name in given:
            raise ValueError(f"{name} must be given once, got it twice: leave one out")
        if name in ("bound", "draws", "draws_delta", "whole", "printed"):
            raise ValueError(f"{name} must be given as an option, got {text!r}: write --{name.replace('_', '-')} {value}")
        given[name] = value
    found = compute(printed, bound=bound, draws=draws, draws_delta=draws_delta, whole=whole, **given)
    if as_json:
        print_json(found.to_dict())
    else:
        say(found.summary())
    raise typer.Exit(REFUTED if found.failed else FINE)


def rechecked(report: Report, identifier: str) -> dict[str, Any]:
    """What today's catalogue gives for the stored inputs of a certificate, as JSON values; ``ValueError`` if the id is not of one.

    ``holds`` is whether the catalogue says the same of it; ``changes`` are the sentences that say what else it says.
    """
    from genbounds.verification.rows.bound_row import BoundRow
    from genbounds.verification.rows.consistency import changed_since

    row = report.find(identifier)
    if not isinstance(row, BoundRow):
        raise ValueError(
            f"recheck needs the id of a certificate, got {identifier}, which is a verdict on {row.bound}: genbounds reproduce it"
        )
    changes = list(changed_since(row))
    return {
        "id": identifier,
        "bound": row.bound,
        "value": row.certificate.value,
        "written_by": report.version,
        "holds": not changes,
        "changes": changes,
    }


def _recheck_row(identifier: str, report: Path | None, as_json: bool) -> NoReturn:
    from genbounds.verification.report.read import read_report

    found = rechecked(read_report(report_here(report), older=True), identifier)
    if as_json:
        print_json(found)
    elif found["holds"]:
        say(f"arithmetic: {found['bound']} is {found['value']} from its stored inputs, to the last bit, and its theorem is the same")
    else:
        for change in found["changes"]:
            say(f"changed: {change}")
        say(f"not a certificate of today's {found['bound']}: cite it with the version that wrote the report")
    raise typer.Exit(FINE if found["holds"] else REFUTED)
