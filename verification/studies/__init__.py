"""Studies: one phenomenon a file, by name. A module is imported only when its study is asked for.

A study's class is made with `full`: the full version takes more draws. The quick ones make the default report, but for `ON_REQUEST`.
"""

from __future__ import annotations

from importlib import import_module

from genbounds.verification.cells import Study

STUDIES: dict[str, tuple[str, str]] = {
    "networks": ("genbounds.verification.studies.networks", "Networks"),
    "scale": ("genbounds.verification.studies.scale", "Scale"),
    "pac_bayes": ("genbounds.verification.studies.pac_bayes", "PacBayes"),
    "perceptron": ("genbounds.verification.studies.perceptron", "Perceptron"),
    "stability": ("genbounds.verification.studies.stability", "Stability"),
    "coverage": ("genbounds.verification.studies.coverage", "Coverage"),
    "enumeration": ("genbounds.verification.studies.enumeration", "Enumeration"),
    "kinds": ("genbounds.verification.studies.kinds", "Kinds"),
}
"""Module and class of each study, in the order of the report. A new study is a file of its own and one line here."""
ON_REQUEST = frozenset({"kinds"})
"""Studies that take minutes, so that a quick report has them only where they are named; a full report has all."""


def names() -> tuple[str, ...]:
    """The names of the studies, in the order of the report.

    >>> names()[:3]
    ('networks', 'scale', 'pac_bayes')
    """
    return tuple(STUDIES)


def get(name: str, full: bool = False) -> Study:
    """The study of that name, quick or full.

    Raises:
        ValueError: an unknown name; the message lists the known ones.

    >>> get("networks").name
    'networks'
    """
    if name not in STUDIES:
        raise ValueError(f"study must be one of {', '.join(STUDIES)}, got {name!r}")
    module, kind = STUDIES[name]
    study: Study = getattr(import_module(module), kind)(full=full)
    return study


def default_names(full: bool = False) -> tuple[str, ...]:
    """The names of the studies of the default report, in its order.

    >>> "kinds" in default_names(), "kinds" in default_names(full=True)
    (False, True)
    """
    return tuple(name for name in STUDIES if full or name not in ON_REQUEST)


def default_studies(full: bool = False) -> list[Study]:
    """The studies of the default report, in its order."""
    return [get(name, full) for name in default_names(full)]
