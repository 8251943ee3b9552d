"""Sources that come with a bound of the user's own, without an entry in references.bib."""

from __future__ import annotations

import pytest

from genbounds.bounds import Bound, Certificate, Source, bound, registry
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.bounds.bibliography import author_year, bibtex

ENTRY = "@article{roe2026lemma,\n  author = {Roe, Jane and Doe, John},\n  title = {A lemma},\n  year = {2026},\n}"


@pytest.mark.parametrize(
    ("source", "said"),
    [(Source("Doe 2026", "Lemma 3"), "Doe 2026"), (Source("roe2026lemma", "Lemma 1", bibtex=ENTRY), "Roe and Doe (2026)")],
)
def test_a_certificate_prints_its_inline_source(source: Source, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))

    @bound(source=source, assumes=(IID_SAMPLE,), symbols={"n": "n", "delta": "d"})
    def own(math, *, n, delta):  # type: ignore[no-untyped-def]
        """A bound."""
        return {"deviation": math.sqrt(math.log_quotient(1, delta) / n)}

    assert isinstance(own, Bound)
    certificate = own(n=100, delta="0.05")
    assert said in certificate.summary()
    assert source.key in certificate.latex()
    assert bibtex(source.key) in certificate.bibtex()
    again = Certificate.from_dict(certificate.to_dict())
    assert again == certificate
    assert author_year(again.source.key) == said


def test_what_is_no_entry_and_what_takes_a_key_are_refused() -> None:
    with pytest.raises(ValueError, match="bibtex must be one entry"):
        Source("roe", "Lemma 1", bibtex="Roe 2026")
    with pytest.raises(ValueError, match="key of an entry must be new"):
        Source("hoeffding1963probability", "Lemma 1", bibtex="@misc{hoeffding1963probability, title = {Another}}")
