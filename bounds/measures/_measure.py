"""The result of a measure: a number with its name and source, and no way into a bound."""

from __future__ import annotations

from dataclasses import dataclass

from genbounds.bounds import notebook
from genbounds.bounds.bibliography import Source, author_year, bibtex


@dataclass(frozen=True)
class Measure:
    """A number that is not a bound: its ``name``, its ``value``, the ``log_value`` where the value may overflow, and where it comes from.

    It is deliberately no number (no ``__float__``): bounds refuse it, and only its ``value``, taken out by hand, is a float.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> measured = Measure("sharpness", 0.5, Source("keskar2017large", "the sharpness of Section 2"))
    >>> hoeffding(empirical_risk=measured, n=100, delta=0.05)
    Traceback (most recent call last):
    TypeError: empirical_risk must be a number, got Measure: pass an int, a Fraction or a float
    """

    name: str
    value: float
    source: Source
    log_value: float | None = None

    def summary(self) -> str:
        """One line of text, which says that this is not a bound."""
        return f"{self.name} = {self.value:.6g} (a measure, no bound; {author_year(self.source.key)}, {self.source.place})"

    def _repr_html_(self) -> str:
        """For notebooks: the summary, as it is."""
        return notebook.lines(self.summary())

    def bibtex(self) -> str:
        """The BibTeX of the source."""
        return bibtex(self.source.key)
