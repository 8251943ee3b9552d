"""The list of all studies: what each shows, what it rests on, and how long it takes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from genbounds.verification.studies import PHENOMENA, get, names, sized


@dataclass(frozen=True)
class Listed:
    """One study.

    Attributes:
        name, description: as the command line and the report have them.
        sources: of the claims of a phenomenon, each once; none of the other studies, whose bounds have their sources in the catalogue.
        default: whether it is part of the default report.
        seconds: of one core by size, as the studies of phenomena declare them; ``genbounds verify NAME --dry-run`` measures the machine.
    """

    name: str
    description: str
    sources: tuple[str, ...]
    default: bool
    seconds: Mapping[str, float]


def listed(chosen: Sequence[str]) -> list[Listed]:
    """The studies of these names, in this order.

    >>> listed(["enumeration"])[0].default
    True
    """
    return [_one(name) for name in chosen]


def described(found: Sequence[Listed]) -> Iterator[str]:
    """The list as lines of text.

    >>> next(described(listed(["mnist"])))
    'mnist (on request; genbounds verify mnist --dry-run says how long it takes)'
    """
    for one in found:
        times = ", ".join(f"{size} {seconds:.0f} s" for size, seconds in one.seconds.items())
        said = f"{times} of one core" if times else f"genbounds verify {one.name} --dry-run says how long it takes"
        yield f"{one.name} ({'default report' if one.default else 'on request'}; {said})"
        yield from textwrap.wrap(one.description, 100, initial_indent="    ", subsequent_indent="    ")
        for source in one.sources:
            yield from textwrap.wrap(source, 100, initial_indent="    - ", subsequent_indent="      ")


def _one(name: str) -> Listed:
    if name not in PHENOMENA:
        return Listed(name, get(name).description, (), name in names(), {})
    shown = sized(name, "quick")
    sources = tuple(dict.fromkeys(claim.source for claim in shown.claims))
    return Listed(name, shown.description, sources, True, {str(size): seconds for size, seconds in shown.seconds.items()})
