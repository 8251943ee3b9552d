"""The code of a matrix of ternary weights whose rows have no order: adaptive, and without the bits that an order would cost."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, prod

from genbounds.models.compression._arithmetic import Coder

Row = tuple[int, ...]


class Urn:
    """Two counts that learn: Krichevsky and Trofimov's estimator of a coin, for several tosses at a time.

    After a failures and b successes, k successes in m tosses have Pólya's probability C(m, k) (a + 1/2)_{m-k} (b + 1/2)_k / (a + b + 1)_m,
    with rising factorials; twice each factor is whole.
    """

    def __init__(self) -> None:
        self.failures = self.successes = 0

    def toss(self, coder: Coder, tosses: int, successes: int) -> int:
        """Code the number of successes of some tosses, and learn it."""
        weights = [comb(tosses, k) * _rising(self.failures, tosses - k) * _rising(self.successes, k) for k in range(tosses + 1)]
        found = coder.code(weights, successes)
        self.failures += tosses - found
        self.successes += found
        return found


def _rising(count: int, steps: int) -> int:
    """2^steps (count + 1/2)(count + 3/2)... with that many factors."""
    return prod(range(2 * count + 1, 2 * (count + steps) + 1, 2))


def code_sorted_rows(coder: Coder, size: int, columns: int, rows: Sequence[Row] = ()) -> list[Row]:
    """Code ``size`` rows of ternary levels that come in lexicographic order; a reader finds them in it.

    Rows in order are a multiset, worth log2(size!) bits less than a sequence where they differ. So what is coded is a tree: of the rows
    that agree so far, how many have the next level -1, 0, 1. Whether a level is zero and its sign have an urn each.

    >>> from genbounds.models.compression._arithmetic import Reader, Writer
    >>> writer, rows = Writer(), [(-1, 0, 0), (0, 0, 1), (0, 1, 0)]
    >>> _ = code_sorted_rows(writer, 3, 3, rows)
    >>> writer.word(), code_sorted_rows(Reader(writer.word()), 3, 3) == rows
    ('010110010111', True)
    """
    return _Tree(coder, columns).below((), size, list(rows))


def code_rows(coder: Coder, size: int, columns: int, rows: Sequence[Row] = ()) -> list[Row]:
    """Code ``size`` rows of ternary levels one after the other, in their order."""
    tree = _Tree(coder, columns)
    return [tree.below((), 1, list(rows[i : i + 1]))[0] for i in range(size)]


class _Tree:
    """The urns of one matrix, and the walk over the beginnings that its rows share."""

    def __init__(self, coder: Coder, columns: int) -> None:
        self.coder, self.columns = coder, columns
        self.nonzero, self.positive = Urn(), Urn()

    def below(self, prefix: Row, size: int, rows: list[Row]) -> list[Row]:
        """The rows that begin with a prefix, in order; ``rows`` are those of a writer."""
        while size and len(prefix) < self.columns:
            here = [row[len(prefix)] for row in rows]
            nonzero = self.nonzero.toss(self.coder, size, sum(level != 0 for level in here))
            positive = self.positive.toss(self.coder, nonzero, sum(level > 0 for level in here)) if nonzero else 0
            sizes = {-1: nonzero - positive, 0: size - nonzero, 1: positive}
            if size > max(sizes.values()):
                parts = [
                    self.below((*prefix, level), part, [row for row in rows if row[len(prefix)] == level]) for level, part in sizes.items()
                ]
                return [row for part in parts for row in part]
            prefix = (*prefix, max(sizes, key=lambda level: sizes[level]))
        return [prefix] * size
