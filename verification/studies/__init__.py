"""Studies, by name: one phenomenon per file, or per folder if it takes several. A module is imported only when its study is asked for.

A study's class is made with ``full``: the quick version is part of every default report, and the full one takes more draws.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from genbounds.verification.runs.cells import Study

if TYPE_CHECKING:
    from genbounds.verification.studies.phenomenon import Extent, Phenomenon

STUDIES: dict[str, tuple[str, str]] = {
    "matrix": ("genbounds.verification.studies.matrix", "Matrix"),
    "networks": ("genbounds.verification.studies.networks", "Networks"),
    "scale": ("genbounds.verification.studies.scale", "Scale"),
    "pac_bayes": ("genbounds.verification.studies.pac_bayes.study", "PacBayes"),
    "perceptron": ("genbounds.verification.studies.perceptron", "Perceptron"),
    "stability": ("genbounds.verification.studies.stability", "Stability"),
    "coverage": ("genbounds.verification.studies.coverage", "Coverage"),
    "enumeration": ("genbounds.verification.studies.enumeration", "Enumeration"),
}
"""Module and class of each study, in the order of the report. A new study is a file or a folder of its own and one line here."""

PHENOMENA: dict[str, tuple[str, str]] = {
    "perceptron_risk": ("genbounds.verification.studies.perceptron_risk.study", "PerceptronRisk"),
    "capacity": ("genbounds.verification.studies.capacity.study", "Capacity"),
    "random_labels": ("genbounds.verification.studies.random_labels.study", "RandomLabels"),
    "depth": ("genbounds.verification.studies.depth.study", "Depth"),
    "flatness": ("genbounds.verification.studies.flatness.study", "Flatness"),
    "validation": ("genbounds.verification.studies.validation.study", "Validation"),
    "twin_networks": ("genbounds.verification.studies.twin_networks.study", "TwinNetworks"),
    "learning_curves": ("genbounds.verification.studies.learning_curves.study", "LearningCurves"),
    "noise_scale": ("genbounds.verification.studies.noise_scale.study", "NoiseScale"),
    "backpropagation": ("genbounds.verification.studies.backpropagation.study", "Backpropagation"),
    "residual": ("genbounds.verification.studies.residual.study", "Residual"),
    "depth_scaling": ("genbounds.verification.studies.depth_scaling.study", "DepthScaling"),
    "linear_residual": ("genbounds.verification.studies.linear_residual.study", "LinearResidual"),
    "overparametrised": ("genbounds.verification.studies.overparametrised.study", "Overparametrised"),
    "normalisation": ("genbounds.verification.studies.normalisation.study", "Normalisation"),
    "approximation": ("genbounds.verification.studies.approximation.study", "Approximation"),
    "building_blocks": ("genbounds.verification.studies.building_blocks.study", "BuildingBlocks"),
}
"""Studies of what the literature says happens, in the order of the gallery: in every report after the others, small where none is named."""

ON_REQUEST: dict[str, tuple[str, str]] = {
    "compression": ("genbounds.verification.studies.compression.study", "Compressed"),
    "mnist": ("genbounds.verification.studies.mnist.study", "Mnist"),
    "fashion_mnist": ("genbounds.verification.studies.mnist.study", "FashionMnist"),
    "kinds": ("genbounds.verification.studies.kinds", "Kinds"),
    "faults": ("genbounds.verification.studies.faults", "Faults"),
    "procedure": ("genbounds.verification.studies.procedure", "Procedure"),
}
"""Studies that run only if they are named: those that need files which do not come with the package, or take minutes."""


WITH_FULL = ("faults",)
"""Studies that a full report has as well: the kill matrix is its statement of power."""


def names() -> tuple[str, ...]:
    """The names of the studies of the default report, in its order.

    >>> names()[:3]
    ('matrix', 'networks', 'scale')
    """
    return (*STUDIES, *PHENOMENA)


def known() -> tuple[str, ...]:
    """The names of all studies: those of the default report, then those that run only on request.

    >>> "mnist" in known(), "mnist" in names()
    (True, False)
    """
    return (*names(), *ON_REQUEST)


def get(name: str, full: bool = False) -> Study:
    """The study of that name, quick or full.

    Raises:
        ValueError: an unknown name; the message lists the known ones.

    >>> get("networks").name
    'networks'
    """
    if name in PHENOMENA:
        return sized(name, "full" if full else "quick")
    if name not in known():
        raise ValueError(f"study must be one of {', '.join(known())}, got {name!r}")
    module, kind = {**STUDIES, **ON_REQUEST}[name]
    study: Study = getattr(import_module(module), kind)(full=full)
    return study


def sized(name: str, extent: Extent) -> Phenomenon:
    """The study of a phenomenon at one of its three sizes.

    Raises:
        ValueError: an unknown name; the message lists the known ones.
    """
    if name not in PHENOMENA:
        raise ValueError(f"phenomenon must be one of {', '.join(PHENOMENA)}, got {name!r}")
    module, kind = PHENOMENA[name]
    study: Phenomenon = getattr(import_module(module), kind)(extent)
    return study


def default_studies(full: bool = False) -> list[Study]:
    """All studies of the default report, in its order, those of phenomena as thumbnails; with ``full`` all full, and the kill matrix too.

    >>> [study.name for study in default_studies(full=True)][-1]
    'faults'
    """
    judges = [get(name, full) for name in STUDIES]
    shown = [sized(name, "full" if full else "thumbnail") for name in PHENOMENA]
    return [*judges, *shown, *(get(name, full) for name in (WITH_FULL if full else ()))]
