"""CoverConstants: what covers of a class of networks of one graph are counted from, one entry for each trained matrix or constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genbounds.bounds.quantity import Quantity


@dataclass(frozen=True)
class CoverConstants:
    """The inputs of ``margin.spectral_graph`` that describe the network: vectors over its trained matrices, in order, then its trained
    constants outside layers (class tokens, positions, a standardisation).

    Attributes:
        paths: which; a weight used several times has an entry a use.
        norms_2_1: sum of the row norms of the matrix as it is stored (a kernel: one row a filter; a diagonal weight or a constant: one
            row), plus the l1 norm of its bias. ``distances_2_1``: the same of the change from the initialisation, None without one.
        input_lipschitz, inputs_at_zero: l and z such that on an input x all that the matrix multiplies (a kernel: every patch; a bias: a 1
            wherever it is added) has norm at most l ||x|| + z, for all weights with these norms and biases.
        output_lipschitz: the Lipschitz constant from what the layer puts out to the logits.
        entries: numbers in the matrix and its bias.

    All Quantities are ``upper``.
    """

    paths: tuple[str, ...]
    norms_2_1: Quantity
    distances_2_1: Quantity | None
    input_lipschitz: Quantity
    inputs_at_zero: Quantity
    output_lipschitz: Quantity
    entries: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        found: dict[str, Any] = {"paths": list(self.paths), "entries": list(self.entries)}
        for name in _QUANTITIES:
            quantity = getattr(self, name)
            found[name] = None if quantity is None else quantity.to_dict()
        return found

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CoverConstants:
        """Read what ``to_dict`` wrote."""
        read = {name: None if data[name] is None else Quantity.from_dict(data[name]) for name in _QUANTITIES}
        return cls(paths=tuple(data["paths"]), entries=tuple(data["entries"]), **read)  # type: ignore[arg-type]


_QUANTITIES = ("norms_2_1", "distances_2_1", "input_lipschitz", "inputs_at_zero", "output_lipschitz")
