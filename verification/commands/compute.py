"""``genbounds compute``: a certificate from numbers."""

from __future__ import annotations

import math
from typing import Annotated, Any, NoReturn

import typer

from genbounds.bounds import Bound, Formula, Quantity, get
from genbounds.bounds.certificate import show
from genbounds.bounds.exact import read_decimal
from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.commands.output import REFUTED, AsJson, Name, clean_errors, print_json
from genbounds.verification.commands.terminal import say

__all__ = ["compute", "read_inputs"]

BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@clean_errors
def compute(
    name: Name,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="INPUT=VALUE...", help="Inputs, read exactly: delta=0.05, empirical_risk=50/1000, widths=784,600,10"),
    ] = None,
    form: Annotated[str | None, typer.Option(help="Another form of the theorem, such as printed.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Call the result an estimate, because some input is not a bound.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print one row of a booktabs table.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compute a certificate (or a capacity) from numbers, rounded up."""
    if latex and as_json:
        raise ValueError("--latex and --json must not both be given: choose one")
    formula = get(name)
    arguments = read_inputs(formula, inputs or [])
    if form is not None:
        if formula.form_argument in arguments:
            raise ValueError(f"{formula.form_argument} must be given once, got it twice: leave --form out")
        arguments[formula.form_argument] = _form(formula, form)
    if isinstance(formula, Bound):
        certificate = formula.estimate(**arguments) if estimate else formula(**arguments)
        if as_json:
            print_json(certificate.to_dict())
        if not math.isfinite(certificate.value):
            _end_without_certificate(formula)
        elif not as_json:
            say(certificate.latex() if latex else certificate.summary())
        return
    if estimate:
        raise ValueError(f"--estimate must be left out for {formula.name}: a capacity computed from plain numbers is an upper bound")
    capacity: Quantity = formula(**arguments)  # type: ignore[operator]  # a Formula that is no Bound is a Capacity
    if as_json:
        print_json({"capacity": formula.name, **capacity.to_dict()})
    if not isinstance(capacity.value, int) and not math.isfinite(float(capacity)):
        _end_without_certificate(formula)
    if as_json:
        return
    if latex:
        say(rf"{formula.declaration.left_side or formula.name.replace('_', chr(92) + '_')} \le {_capacity(capacity)}")
    else:
        say(f"{formula.name} <= {_capacity(capacity)}")
        say("  inputs: " + ", ".join(f"{key}={show(value)}" for key, value in arguments.items()))
        say(
            f"  {capacity.kind} bound, constants {formula.forms[arguments.get(formula.form_argument, formula.declaration.form)].provenance}"
        )


def _end_without_certificate(formula: Formula) -> NoReturn:
    """Of what is infinite no upper bound is printed, as one that holds would be."""
    say(f"genbounds: {formula.name} is infinite at these inputs: it bounds nothing there, and is not a certificate", err=True)
    raise typer.Exit(REFUTED)


def read_inputs(formula: Formula, texts: list[str]) -> dict[str, Any]:
    """The arguments of a formula from ``input=value`` texts: exact decimals, comma-separated vectors, booleans for flags.

    >>> from genbounds.bounds import get
    >>> read_inputs(get("holdout.hoeffding"), ["empirical_risk=0.05", "n=1000"])
    {'empirical_risk': Fraction(1, 20), 'n': 1000}
    """
    arguments: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name or not value:
            raise ValueError(f"inputs must be written input=value, got {text!r}: for example delta=0.05")
        if name in arguments:
            raise ValueError(f"{name} must be given once, got it twice: leave one out")
        if name == formula.form_argument and name not in formula.inputs:
            arguments[name] = _form(formula, value)
        elif name in formula.vectors:
            entries = value.strip("()[] ,").split(",")
            arguments[name] = tuple(read_decimal(entry, f"{name}[{index}]") for index, entry in enumerate(entries))
        else:
            arguments[name] = read_decimal(value, name)
    return arguments


def _form(formula: Formula, text: str) -> Any:
    """The form of that name; the words true and false for forms that are flags."""
    if all(isinstance(form, bool) for form in formula.forms):
        if text.lower() not in BOOLEANS:
            raise ValueError(f"{formula.form_argument} must be true or false, got {text!r}: write {formula.form_argument}=true")
        return BOOLEANS[text.lower()]
    return text


def _capacity(quantity: Quantity) -> str:
    return str(quantity.value) if isinstance(quantity.value, int) else decimal_up(float(quantity), 10)
