"""The message that stands for a network: every choice in its family and every weight, as one word of a prefix code."""

from __future__ import annotations

from math import prod

import torch

from genbounds.models.compression._arithmetic import Coder, Reader, Writer
from genbounds.models.compression._family import FILTERS, THRESHOLDS, Architecture, Family
from genbounds.models.compression._front import NORMALISATIONS
from genbounds.models.compression._levels import code_rows, code_sorted_rows
from genbounds.models.compression._network import TernaryNetwork


def encode(network: TernaryNetwork) -> str:
    """The word of a network in its family's code, as a string of 0s and 1s. An Occam bound charges for its length.

    The choices of the architecture come first, with all options of a choice equally likely. The levels of each layer follow; the code
    learns their statistics as it goes. Nothing else about the network was chosen. The channels of a hidden layer have no order of their
    own, so the word is that of ``network.canonical()``. The words of all networks of a family form a prefix-free code: ``Writer`` says why.

    >>> from genbounds.models.compression import DIGITS
    >>> architecture = Architecture(DIGITS, "none", 1, 0.5, (4,))
    >>> levels = [torch.zeros(shape, dtype=torch.int8) for shape in architecture.shapes]
    >>> none = encode(TernaryNetwork(architecture, tuple(levels)))
    >>> levels[-1].view(-1)[:20] = torch.tensor([1, -1] * 10)
    >>> some = encode(TernaryNetwork(architecture, tuple(levels)))
    >>> len(none) < len(some), set(some) == {"0", "1"}
    (True, True)
    """
    ordered = network.canonical()
    writer = Writer()
    for options, chosen in ordered.architecture.choices():
        writer.code([1] * options, chosen)
    for index, shape in enumerate(ordered.architecture.shapes):
        rows = [tuple(row) for row in ordered.levels[index].flatten(1).tolist()]
        _code_layer(writer, shape, last=index + 1 == len(ordered.levels), rows=rows)
    return writer.word()


def decode(word: str, family: Family) -> TernaryNetwork:
    """The canonical network that has this word; ``ValueError`` if no network of the family has it.

    >>> from genbounds.models.compression import DIGITS
    >>> architecture = Architecture(DIGITS, "none", 1, 0.5, (4,))
    >>> network = TernaryNetwork(architecture, tuple(torch.ones(shape, dtype=torch.int8) for shape in architecture.shapes))
    >>> decode(encode(network), DIGITS) == network.canonical()
    True
    """
    reader = Reader(word)

    def chosen(options: int) -> int:
        return reader.code([1] * options)

    normalisation, filters, threshold = (
        NORMALISATIONS[chosen(len(NORMALISATIONS))],
        FILTERS[chosen(len(FILTERS))],
        THRESHOLDS[chosen(len(THRESHOLDS))],
    )
    widths = tuple(options[chosen(len(options))] for options in family.widths)
    architecture = Architecture(family, normalisation, filters, threshold, widths)
    levels = []
    for index, shape in enumerate(architecture.shapes):
        rows = _code_layer(reader, shape, last=index + 1 == len(architecture.shapes), rows=[])
        levels.append(torch.tensor(rows, dtype=torch.int8).reshape(shape))
    network = TernaryNetwork(architecture, tuple(levels))
    if encode(network) != word:
        raise ValueError(f"word must be what encode gives for a network of this family, got {len(word)} bits that are not such a word")
    return network


def _code_layer(coder: Coder, shape: tuple[int, ...], *, last: bool, rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The rows of a layer: in any order for a hidden one, in that of the classes for the last."""
    return (code_rows if last else code_sorted_rows)(coder, shape[0], prod(shape[1:]), rows)
