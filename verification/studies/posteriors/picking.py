"""Pick-to-learn on images that come with a test set: one plain network, certified on the images that it was trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor, nn

from genbounds.bounds.assumptions import IID_SAMPLE, Audit
from genbounds.models.picking import Picked, Picking, margin_loss, pick_to_learn
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic.risk import PopulationRisk, two_sided
from genbounds.verification.rows.interval import Interval
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.posteriors.data_set import RISK_DELTA

_BLOCK = 500


@dataclass(frozen=True, eq=False)
class Images:
    """Images and labels, the sample and the test images: (n, channels, height, width) and (n,), each pair of its own."""

    sample: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


def certify_picked(
    model: nn.Module,
    images: Images,
    settings: Picking,
    stream: Stream,
    delta: Fraction,
    interval: Callable[[PopulationRisk], Interval],
    *,
    seed: int = 0,
    alternatives: int = 1,
    words: str = "network",
) -> tuple[Entry, Picked]:
    """One network by pick-to-learn with its certificate, its errors on the test images, and the run.

    Args:
        model: untrained.
        images: of any data set; the first ``settings.spent`` of the sample are spent.
        settings, stream, seed: of the run.
        delta: the failure probability.
        interval: what is known of the risk, from the errors on the test images: a data set may have test images that do not count.
        alternatives: how many settings were tried on this sample: the certificate is read at delta over their number.
        words: what the network and its training are called.
    """
    run = pick_to_learn(model, *images.sample, settings, stream, network=seed)
    audit: Audit = {IID_SAMPLE: ("declared", "the data set's own training images, taken as independent draws")}
    certificate = run.certificate(delta / alternatives, audit=audit)
    errors = 0
    with torch.no_grad():
        for inputs, labels in zip(*(torch.split(part, _BLOCK) for part in images.test), strict=True):
            errors += int((~(margin_loss(run.model(inputs), labels) < 0)).sum())
    measured = interval(two_sided(errors, len(images.test[1]), RISK_DELTA))
    entry = Entry(
        certificate,
        measured,
        "risk of the network on the test images (each once)",
        run.n,
        empirical=Fraction(len(run.left), run.n),
        note=f"{settings.spent} spent, {run.size - len(run.left)} picked, {len(run.left)} wrong at the end; at delta/{alternatives}",
        quantity=f"pick-to-learn: {words}",
        risk_delta=RISK_DELTA,
    )
    return entry, run
