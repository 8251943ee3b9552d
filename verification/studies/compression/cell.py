"""The cells of the compression study: a ternary network and its training, and what one costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from genbounds.verification.populations.idx_pool import TRAINING
from genbounds.verification.runs.cells import Cost


@dataclass(frozen=True)
class CompressionCell:
    """One ternary network: its architecture within its population's family, and its training.

    On digits the sample is ``n`` draws with replacement; on MNIST it is the ``n`` = 60 000 training images.
    ``normalisation`` to ``widths`` are those of ``Architecture``, ``epochs`` to ``batch_size`` of ``Compression``; ``errors_per_bit`` is
    that of ``polish_last_layer``.
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
    def network(self) -> str:
        """The architecture in words."""
        return f"ternary, {' and '.join(map(str, self.widths))} channels"

    @property
    def training(self) -> str:
        """The training in words."""
        return f"{self.epochs} epochs at {self.price:g} nats per bit, last layer polished"


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


def compression_cost(cell: CompressionCell) -> Cost:
    """Of one cell: its convolutions are too small for their operations to be what takes the time."""
    if cell.population == "mnist":
        return Cost(networks=1, memory=3 * 2**30, seconds=25 + 2.2 * cell.epochs)
    return Cost(networks=1, memory=2**28, seconds=1 + 0.03 * cell.epochs)
