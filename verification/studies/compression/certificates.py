"""What a cell of the compression study does: train a ternary network, send it through its code, certify what was decoded."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache

import torch
from torch import Tensor

from genbounds.bounds import Certificate
from genbounds.bounds.assumptions import IID_SAMPLE, PRIOR_CODE_FIXED_IN_ADVANCE, ZERO_ONE_LOSS, Status
from genbounds.bounds.holdout import clopper_pearson, occam_binomial
from genbounds.models.compression import (
    DIGITS,
    MNIST,
    Architecture,
    Compression,
    Family,
    decode,
    encode,
    fixed_features,
    polish_last_layer,
    train_ternary,
)
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.populations.idx_pool import TEST, TRAINING
from genbounds.verification.rows.bound_row import Risk
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.compression.cell import CompressionCell
from genbounds.verification.studies.entries import Entry

FAMILIES: dict[str, Family] = {"mnist": MNIST, "digits": DIGITS}
DELTA = {"mnist": Fraction(7, 200), "digits": Fraction(1, 20)}
RISK_DELTA = Fraction(1, 1000)
"""The interval of the risk from the test images fails with this probability."""
ALTERNATIVE_BITS = 6
"""Paid in addition to the code, as the prior's even division among 64 families: more than were tried while the ones here were written."""
LN_2 = Fraction(6931471805599453095, 10**19)
"""Above ln 2 = 0.69314718055994530941..."""


def architecture_of(cell: CompressionCell) -> Architecture:
    """The architecture of a cell in the one family of its population."""
    return Architecture(FAMILIES[cell.population], cell.normalisation, cell.filters, cell.threshold, cell.widths)


def compress_and_certify(cell: CompressionCell) -> tuple[Entry, str]:
    """Train the network of a cell, send it through its code, and certify what was decoded; gives the word as well."""
    pool, architecture, family = population(cell.population), architecture_of(cell), FAMILIES[cell.population]
    features, labels = _features(cell.population, cell.normalisation), torch.tensor(pool.labels)
    sample = torch.arange(TRAINING) if cell.population == "mnist" else torch.tensor(pool.sample(digest(cell), cell.n))
    stream = Stream(f"compression {digest(replace(cell, seed=0))}", "experiment")
    recipe = Compression(cell.epochs, cell.price, cell.batch_size, cell.learning_rate)
    data = features[sample], labels[sample]
    trained = train_ternary(architecture, *data, recipe, stream, network=cell.seed)
    word = encode(polish_last_layer(trained, *data, cell.errors_per_bit))
    wrong = decode(word, family).mistakes(features, labels)
    errors = int(wrong[sample].sum())
    risk: Risk
    if cell.population == "mnist":
        risk, what = _test_risk(int(wrong[TRAINING:].sum())), "risk, from the test images"
    else:
        risk, what = pool.risk(wrong.numpy()), "exact risk on the pool"
    entry = Entry(
        certificate=certificate(errors, len(word), cell),
        risk=risk,
        risk_what=what,
        n=cell.n,
        empirical=Fraction(errors, cell.n),
        note=f"{len(word)} bits for {architecture.size} weights; {ALTERNATIVE_BITS} more for the choice of the family",
        quantity=f"risk of {digest(cell)[:8]}" if cell.population == "mnist" else "risk",
        risk_delta=RISK_DELTA if isinstance(risk, Interval) else 0,
    )
    return entry, word


def certificate(errors: int, bits: int, cell: CompressionCell) -> Certificate:
    """The Occam bound for a decoded network, whatever cell it comes from: all cells of a population share one code."""
    inverse = (bits + ALTERNATIVE_BITS) * LN_2
    found = occam_binomial(errors=errors, n=cell.n, log_inverse_prior=inverse, delta=DELTA[cell.population])
    draws = f"{cell.n} draws with replacement from the pool"
    independent: tuple[Status, str] = (
        ("declared", "MNIST's training images are independent draws") if cell.population == "mnist" else ("by construction", draws)
    )
    return found.audited(
        {
            IID_SAMPLE: independent,
            ZERO_ONE_LOSS: ("by construction", "errors are counted, ties and NaN among them"),
            PRIOR_CODE_FIXED_IN_ADVANCE: (
                "declared",
                f"the family and its decoder were designed for handwritten digits, one of {2**ALTERNATIVE_BITS} of equal weight; every "
                f"other choice (architecture, weights, statistics of the code) is in the {bits} bits of the word that was decoded",
            ),
        }
    )


@cache
def _features(name: str, normalisation: str) -> Tensor:
    """The fixed features of a population, shared by the cells that a process runs."""
    family = FAMILIES[name]
    return fixed_features(family, normalisation, torch.tensor(population(name).inputs).reshape(-1, family.side, family.side))


def _test_risk(errors: int) -> Interval:
    """The risk from the test images, which nothing has seen."""
    each = RISK_DELTA / 2
    upper = clopper_pearson(errors=errors, n=TEST, delta=each).value
    lower = 1 - clopper_pearson(errors=TEST - errors, n=TEST, delta=each).value
    return Interval(max(0.0, math.nextafter(lower, 0.0)), upper, f"99.9 % Clopper-Pearson interval from {TEST} test images")
