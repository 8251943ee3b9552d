"""``genbounds list`` and ``genbounds show``: the catalogue of bounds."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from genbounds.bounds import FAMILIES, Bound, Formula, __version__, catalogue, get
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bibliography import author_year
from genbounds.bounds.bounds_on import LEFT_SIDE
from genbounds.bounds.certificate import MODES
from genbounds.bounds.exact import to_json
from genbounds.bounds.inputs import Domain
from genbounds.verification.commands.output import AsJson, FromReport, Name, clean_errors, print_json, report_here
from genbounds.verification.commands.selecting import at_hand, found_by, nearest
from genbounds.verification.commands.terminal import say
from genbounds.verification.commands.wrapping import wrapped, wrapped_examples

__all__ = ["list_bounds", "show"]


@clean_errors
def list_bounds(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="Only entries with all these words in their name, statement, inputs or source."),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option(
            help="Only this family: holdout, vc, rademacher, margin, pac_bayes, perceptron, stability, information.",
            autocompletion=lambda: list(FAMILIES),
        ),
    ] = None,
    have: Annotated[
        str | None,
        typer.Option(metavar="INPUT,...", help="Only entries that need no inputs other than these and delta, for example errors,n."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the catalogue: every bound and capacity by name, or those that you ask for."""
    every = catalogue(family)
    formulas = found_by(every if have is None else at_hand(every, have), words or [])
    if as_json:
        print_json([_entry(formula) for formula in formulas])
        return
    for formula in formulas:
        say(wrapped(f"{formula.name}: {_what(formula)}; {author_year(formula.source.key)}", 0))
        say(wrapped(f"inputs: {', '.join(_signature(formula))}", 2))
    if not formulas:
        near = [] if have is None or words else [nearest(every, have)]
        say("; ".join(["genbounds: nothing in the catalogue is like that", *near]), err=True)


@clean_errors
def show(
    name: Name,
    report: FromReport = None,
    as_json: AsJson = False,
) -> None:
    """Print one bound: statement, formula, inputs, assumptions, source, example, and what a report found about it."""
    formula = get(name)
    status = verification_status(formula.name, report_here(report), wanted=report is not None)
    if as_json:
        print_json({**_entry(formula), **_details(formula), "verification": status})
        return
    say(_page(formula, status))


def verification_status(name: str, report: Path, *, wanted: bool) -> dict[str, Any]:
    """What a report found of a bound: its ids by verdict, and what the matrix says of each of its forms.

    A report of an older catalogue is read as well: ``changed`` says by id what today's catalogue says differently of its certificates,
    and ``written_by`` which version of genbounds wrote it.

    Without a report it is empty, and so it is with a file that is none (``ValueError`` in both cases if the report was ``wanted``).
    """
    from genbounds.verification.report.read import read_report

    if not wanted and not report.exists():
        return {"name": name, "report": None, "verdicts": {}, "trials": {}}
    from genbounds.verification.report.trials import said_of, subjects
    from genbounds.verification.report.wording import in_form
    from genbounds.verification.rows.consistency import changed_since

    try:
        found = read_report(report, older=True)
    except ValueError as error:
        if wanted:
            raise
        return {"name": name, "report": None, "verdicts": {}, "trials": {}, "unread": str(error)}
    verdicts: dict[str, list[str]] = {}
    changed: dict[str, list[str]] = {}
    for row in (row for row in found.rows if row not in (*found.mutants, *found.faults)):  # those are about broken copies
        if row.bound == name:
            if changes := changed_since(row):
                changed[row.id] = list(changes)
            else:
                verdicts.setdefault(str(row.verdict), []).append(row.id)
    said = {in_form(*key): said_of(rows) for key, rows in subjects(found).items() if key[0] == name}
    seen = {"name": name, "report": str(report), "written_by": found.version, "verdicts": verdicts, "trials": said}
    return seen | ({"changed": changed} if changed else {})


def _entry(formula: Formula) -> dict[str, Any]:
    return {
        "name": formula.name,
        "family": formula.family,
        "kind": type(formula).__name__.lower(),
        "bounds_on": formula.bounds_on if isinstance(formula, Bound) else "capacity",
        "mode": formula.mode,
        "inputs": list(formula.inputs),
        "source": {"key": formula.source.key, "place": formula.source.place, "text": author_year(formula.source.key)},
        "provenance": formula.provenance,
    }


def _details(formula: Formula) -> dict[str, Any]:
    return {
        "statement": formula.statement,
        "docstring": inspect.getdoc(formula) or "",
        "latex": formula.latex(),
        "inputs": [
            {
                "name": name,
                "symbol": formula.declaration.symbols[name],
                "meaning": _domain(formula, name).meaning,
                "rule": _domain(formula, name).rule,
                "vector": name in formula.vectors,
                "default": to_json(formula.defaults.get(name)),
                "direction": _direction(formula, name),
            }
            for name in formula.inputs
        ],
        "forms": [
            {
                "argument": formula.form_argument,
                "form": form,
                "provenance": reading.provenance,
                "source": str(reading.source),
                "assumptions": _listed(reading.assumes),
            }
            for form, reading in formula.forms.items()
        ],
        "assumptions": _listed(formula.assumes),
        "example": _example(formula),
        "bibtex": formula.bibtex(),
    }


def _listed(assumptions: tuple[Assumption, ...]) -> list[dict[str, str]]:
    return [{"name": entry.name, "statement": entry.statement} for entry in assumptions]


def _page(formula: Formula, status: dict[str, Any]) -> str:
    details = _details(formula)
    parts = [
        wrapped(f"{formula.name} ({_what(formula)})", 0),
        "",
        wrapped(formula.statement),
        "",
        "formula (LaTeX)",
        wrapped(details["latex"]),
        "",
        "inputs",
    ]
    for entry in details["inputs"]:
        given = "" if entry["default"] is None else f", {_text(formula.defaults[entry['name']])} if not given"
        each = " (each entry of a vector)" if entry["vector"] else ""
        parts.append(wrapped(f"{entry['name']}: {entry['meaning']}; must {entry['rule']}{each}; may be {entry['direction']}{given}"))
    if len(details["forms"]) > 1:
        parts += ["", f"forms (argument {formula.form_argument})"]
        default = formula.declaration.form
        parts += [
            wrapped(
                f"{_text(entry['form'])}: {entry['provenance']}; {entry['source']}{' (the default)' if entry['form'] == default else ''}"
            )
            for entry in details["forms"]
        ]
    parts += ["", "assumes", *(wrapped(f"{entry.name}: {entry.statement}") for entry in formula.assumes)]
    if not formula.assumes:
        parts.append("  nothing")
    for form, reading in formula.forms.items():
        if reading.assumes != formula.assumes:
            parts += ["", f"assumes with {formula.form_argument}={_text(form)}"]
            parts += [wrapped(f"{entry.name}: {entry.statement}") for entry in reading.assumes]
    parts += ["", "source", wrapped(f"{author_year(formula.source.key)}, {formula.source.place}; constants {formula.provenance}")]
    parts += ["", "example", wrapped_examples(inspect.getdoc(formula) or ""), "", "verification", *_status_lines(status)]
    return "\n".join(parts)


def _status_lines(status: dict[str, Any]) -> list[str]:
    if "unread" in status:
        return [wrapped(f"no report here that can be read: {status['unread']}")]
    if status["report"] is None:
        return ["  no report here: genbounds verify makes one"]
    if not status["verdicts"] and "changed" not in status:
        return [wrapped(f"{status['report']} has no row of it")]
    by, changed = status["written_by"], status.get("changed", {})
    older = [wrapped(f"written by genbounds {by}, not by this version ({__version__})")] if by not in (None, __version__) else []
    trials = [wrapped(f"on trial{'' if form == status['name'] else f' ({form})'}: {said}") for form, said in status["trials"].items()]
    rows = [
        wrapped(f"{verdict}: {len(ids)} row{'s' if len(ids) > 1 else ''} ({first_ids(ids)})") for verdict, ids in status["verdicts"].items()
    ]
    differ = [wrapped(f"{ids}: not a certificate of today's {status['name']}: {said}") for said, ids in by_reason(changed).items()]
    return [*older, *trials, *rows, *differ]


def first_ids(ids: list[str], most: int = 4) -> str:
    """The first of them, and where the others are."""
    rest = len(ids) - most
    return ", ".join(ids) if rest <= 0 else f"{', '.join(ids[:most])} and {rest} more, listed by --json"


def by_reason(changed: dict[str, list[str]]) -> dict[str, str]:
    """For each reason why rows are not certificates of today's theorem, the first of these rows."""
    alike: dict[str, list[str]] = {}
    for row, said in changed.items():
        alike.setdefault("; ".join(said), []).append(row)
    return {said: first_ids(rows) for said, rows in alike.items()}


def _what(formula: Formula) -> str:
    if not isinstance(formula, Bound):
        return "capacity"
    return f"bounds the {formula.bounds_on}, {MODES[formula.mode]}" if formula.bounds_on in LEFT_SIDE else formula.bounds_on


def _signature(formula: Formula) -> list[str]:
    names = [f"[{name}]" if name in formula.defaults else name for name in formula.inputs]
    return names + ([f"[{formula.form_argument}={'|'.join(map(_text, formula.forms))}]"] if len(formula.forms) > 1 else [])


def _domain(formula: Formula, name: str) -> Domain:
    domain = formula.domains[name]
    assert domain is not None
    return domain


def _direction(formula: Formula, name: str) -> str:
    """Which kinds of a measured quantity may stand there."""
    if name in formula.declaration.increasing:
        return "exact or an upper bound"
    return "exact or a lower bound" if name in formula.declaration.decreasing else "exact"


def _example(formula: Formula) -> str:
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(formula) or "")
    return "".join(f">>> {example.source}{example.want}" for example in examples)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
