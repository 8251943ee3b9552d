"""``genbounds recheck``: is a printed certificate at least what the inputs printed beside it certify?"""

from __future__ import annotations

from typing import Annotated

import typer

from genbounds.verification.commands.output import FINE, REFUTED, AsJson, clean_errors, print_json
from genbounds.verification.commands.terminal import say

__all__ = ["recheck"]


@clean_errors
def recheck(
    printed: Annotated[
        str, typer.Argument(metavar="PRINTED", help="The certificate as printed: 0.161 stands for every number that rounds to it.")
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
    as_json: AsJson = False,
) -> None:
    """Compute a published certificate again; exit status 1 if the printed number is below what its inputs certify."""
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
