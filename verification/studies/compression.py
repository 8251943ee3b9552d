"""Compression: small ternary networks under one prefix code, certified on the sample that they were trained on.

The cells on MNIST need its files (``GENBOUNDS_DATA``) and run only if they are named: ``genbounds verify compression``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from genbounds.models.streams import Stream
from genbounds.verification.cells import Cell, Cost, Result, Study, cell_name, digest
from genbounds.verification.populations import population
from genbounds.verification.populations.mnist import TEST, TRAINING
from genbounds.verification.rows import Interval, Risk, Row
from genbounds.verification.studies.entries import Entry, rows_of

FAMILIES: dict[str, Family] = {"mnist": MNIST, "digits": DIGITS}
DELTA = {"mnist": Fraction(7, 200), "digits": Fraction(1, 20)}
RISK_DELTA = Fraction(1, 1000)
"""The interval of the risk from the test images fails with this probability."""
ALTERNATIVE_BITS = 6
"""Paid beside the code, as the prior's even division among 64 families: more than were tried while the ones here were written."""
LN_2 = Fraction(6931471805599453095, 10**19)
"""Above ln 2 = 0.69314718055994530941..."""


@dataclass(frozen=True)
class CompressionCell:
    """One ternary network: its architecture within its population's family, and its training.

    On digits the sample is ``n`` draws with replacement; on MNIST it is the ``n`` = 60 000 training images.
    ``normalisation`` to ``widths`` are those of `Architecture`, ``epochs`` to ``batch_size`` of `Compression`; ``errors_per_bit`` is
    that of `polish_last_layer`.
    """

    population: str
    n: int
    normalisation: str
    filters: int
    threshold: float
    widths: tuple[int, ...]
    epochs: int
    price: float
    learning_rate: float
    batch_size: int
    errors_per_bit: float
    seed: int = 0

    @property
    def architecture(self) -> Architecture:
        """The architecture."""
        return Architecture(FAMILIES[self.population], self.normalisation, self.filters, self.threshold, self.widths)

    @property
    def network(self) -> str:
        """The architecture in words."""
        return f"ternary, {' and '.join(map(str, self.widths))} channels"

    @property
    def training(self) -> str:
        """The training in words."""
        return f"{self.epochs} epochs at {self.price:g} nats a bit, seed {self.seed}"


ON_DIGITS = CompressionCell(
    "digits", 1200, "none", 1, 0.25, (6,), epochs=150, price=2e-3, learning_rate=0.01, batch_size=64, errors_per_bit=0.3
)
ON_MNIST = CompressionCell(
    "mnist", TRAINING, "moments", 3, 0.5, (8, 16), epochs=20, price=5e-5, learning_rate=0.005, batch_size=256, errors_per_bit=0.5
)
FRONTIER = (
    replace(ON_MNIST, widths=(8, 12), price=4e-5),
    replace(ON_MNIST, widths=(8, 12), price=4e-5, epochs=40),
    replace(ON_MNIST, widths=(8, 12), price=8e-5),
    replace(ON_MNIST, widths=(8, 8), price=3e-5),
    replace(ON_MNIST, widths=(6, 12), price=5e-5),
    replace(ON_MNIST, widths=(6, 16), price=4e-5),
    replace(ON_MNIST, widths=(12, 12), price=5e-5),
    ON_MNIST,
    replace(ON_MNIST, price=1e-4),
    replace(ON_MNIST, widths=(8, 24), price=7e-5),
    replace(ON_MNIST, widths=(12, 24), price=1e-4),
)


class Compressed(Study):
    """The frontier of code length and errors on MNIST, and a small network on digits.

    Args:
        full: three seeds.
    """

    name = "compression"
    revision = 1
    description = "Ternary networks under one prefix code: what their code lengths and their errors on the training sample certify."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[CompressionCell]:
        """Digits, then the frontier on MNIST."""
        return [replace(cell, seed=seed) for seed in range(3 if self.full else 1) for cell in (ON_DIGITS, *FRONTIER)]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train, encode, decode and certify one network after the other; the result holds the word that was decoded."""
        results: list[Result] = []
        for cell in cells:
            entry, word = certify(cell)
            results.append({"entries": [entry.to_dict()], "word": word})
        return results

    def cost(self, cell: Cell) -> Cost | None:
        """One network of each cell, in the memory that the features take."""
        return Cost(networks=1, memory=3 * 2**30 if cell.population == "mnist" else 2**28)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each certificate."""
        entries = []
        for cell, result in zip(cells, results, strict=True):
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": described(cell),
                "network": cell.network,
                "training": cell.training,
                "scale": "realistic",
                "n_over_pool": Fraction(cell.n, population("digits").size) if cell.population == "digits" else None,
            }
            entries += [(Entry.from_dict(data), words) for data in result["entries"]]
        return rows_of(entries)


def described(cell: CompressionCell) -> str:
    """The population of a cell in words."""
    return "MNIST: the training images as the sample, the test images for the risk" if cell.population == "mnist" else cell.population


def certify(cell: CompressionCell) -> tuple[Entry, str]:
    """Train the network of a cell, send it through its code, and certify what was decoded; gives the word as well."""
    pool, architecture, family = population(cell.population), cell.architecture, FAMILIES[cell.population]
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
