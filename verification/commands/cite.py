"""``genbounds cite``: the sentence, the LaTeX and the BibTeX of a number of a report, or of a bound."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genbounds.bounds import get
from genbounds.bounds.bibliography import author_year, bibtex
from genbounds.bounds.proof import written
from genbounds.verification.commands.output import AsJson, FromReport, clean_errors, complete_name, print_json, report_here
from genbounds.verification.commands.terminal import say

if TYPE_CHECKING:
    from genbounds.verification.rows.report import Report

__all__ = ["citation_of_bound", "citation_of_row", "cite", "proof_of_row"]

_ID = re.compile(r"[0-9a-f]{6,}")
"""An id has ten such digits; with some of them missing it is not a name of a bound all the same."""


@clean_errors
def cite(
    what: Annotated[
        str,
        typer.Argument(metavar="ID|NAME", help="The id of a number of a report, or a name of the catalogue.", autocompletion=complete_name),
    ],
    report: FromReport = None,
    as_json: AsJson = False,
    proof: Annotated[
        bool,
        typer.Option("--proof", help="Print a proof of the certificate's value, which docs/check_proof.py checks with fractions alone."),
    ] = False,
) -> None:
    """Print the sentence, the LaTeX and the BibTeX for a number of a report, or for a bound."""
    from genbounds.verification.report.read import read_report

    identifier = what.strip().lower()
    if proof:
        if not _ID.fullmatch(identifier):
            raise ValueError(
                f"--proof needs the id of a certificate of a report, got {what}: a bound without inputs has no number to prove"
            )
        say(written(proof_of_row(read_report(report_here(report), older=True), identifier)))
        return
    if _ID.fullmatch(identifier):
        found = citation_of_row(read_report(report_here(report), older=True), identifier)
    else:
        found = citation_of_bound(what.strip())
    if as_json:
        print_json(found)
        return
    say("\n\n".join([found["sentence"], found["latex"], found["bibtex"]]))


def citation_of_row(report: Report, identifier: str) -> dict[str, str]:
    """Sentence, LaTeX and BibTeX of the number with that id; ``ValueError`` if the report has none.

    The software is cited with the version that wrote the report. Where today's catalogue says something else of a certificate, the sentence
    says what, and the certificate has no row of a table.
    """
    from genbounds.verification.report.escape import tex
    from genbounds.verification.report.wording import sentence
    from genbounds.verification.rows.bound_row import BoundRow
    from genbounds.verification.rows.consistency import changed_since

    row = report.find(identifier)
    changes = "; ".join(changed_since(row))
    source = row.certificate.source.key if isinstance(row, BoundRow) else _key(row.bound)
    keys = [source, "genbounds"] if source else ["genbounds"]
    text = sentence(row) + (f" It is not a certificate of today's {row.bound}: {changes}." if changes else "")
    latex = rf"{tex(text.removesuffix('.'))}~\cite{{{','.join(keys)}}}."
    if isinstance(row, BoundRow) and not changes:
        latex += "\n" + row.certificate.latex()
    found = {"id": identifier, "sentence": text, "latex": latex, "bibtex": bibtex(*keys, version=report.version)}
    return found | ({"changed": changes} if changes else {})


def proof_of_row(report: Report, identifier: str) -> dict[str, Any]:
    """The proof of the certificate with that id; ``ValueError`` if the number isn't a certificate, or can't be proved."""
    from genbounds.verification.rows.bound_row import BoundRow
    from genbounds.verification.rows.consistency import changed_since

    row = report.find(identifier)
    if not isinstance(row, BoundRow):
        raise ValueError(
            f"--proof needs the id of a certificate, got {identifier}, which is a verdict on {row.bound}: nothing is computed there"
        )
    if changes := changed_since(row):
        raise ValueError(
            f"--proof needs a certificate of today's {row.bound}, got {identifier}: {'; '.join(changes)}; make the report again"
        )
    return row.certificate.proof()


def citation_of_bound(name: str) -> dict[str, str]:
    """Sentence, LaTeX (the formula) and BibTeX of a bound of the catalogue."""
    try:
        formula = get(name)
    except ValueError as error:
        error.add_note("an id of a report has ten digits from 0 to 9 and a to f, and stands beside its number in report.html")
        raise
    source = f"{author_year(formula.source.key)}, {formula.source.place}"
    text = f"{formula.statement} {formula.name} of genbounds; {source}; constants {formula.provenance}."
    return {"name": formula.name, "sentence": text, "latex": formula.latex(), "bibtex": bibtex(formula.source.key, "genbounds")}


def _key(name: str) -> str | None:
    try:
        return get(name).source.key
    except ValueError:
        return None
