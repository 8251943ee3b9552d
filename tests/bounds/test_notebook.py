"""What notebooks show: all that the summary says, what the number is not, escaped, without a script and without a colour."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any

import pytest

from genbounds.bounds import Quantity
from genbounds.bounds.assumptions import IID_SAMPLE, Assumption, AuditedAssumption
from genbounds.bounds.holdout import clopper_pearson, hoeffding
from genbounds.bounds.measures import lipschitz_product
from genbounds.bounds.stability import hardt2016nonconvex
from genbounds.bounds.vc import sauer

NASTY = '<script>alert("x")</script> & <b>bold</b>'


TAGS = {"table", "caption", "thead", "tbody", "tr", "th", "td", "p", "b", "details", "summary", "ul", "li", "pre"}


def words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


class _Tags(HTMLParser):
    """The tags and the attributes, and whether they are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def well_formed(page: str) -> None:
    """Tags that close, no script, no event, no link, no colour: the text has the contrast of the notebook."""
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert {tag for tag, _ in tags.seen} <= TAGS
    for _, attributes in tags.seen:
        assert set(attributes) <= {"style", "scope"}
        assert not re.search(r"#[0-9a-f]{3}|rgb|(?<!-)color|background|url", attributes.get("style") or "")


@pytest.mark.parametrize("planted", ["<b>x</p>", "<script>x</script>", '<p style="color:#777">x</p>', '<p onclick="x">x</p>'])
def test_the_check_of_fragments_can_fail(planted: str) -> None:
    with pytest.raises(AssertionError):
        well_formed(planted)


@pytest.mark.parametrize(
    "make",
    [
        lambda: clopper_pearson(errors=5, n=100, delta="0.05"),
        lambda: sauer(empirical_risk=0, n=10, vc_dimension=10, delta="0.05"),
        lambda: hardt2016nonconvex(lipschitz=1, smoothness=1, step_scale="0.1", steps=1000, n=1000),
        lambda: hoeffding.estimate(empirical_risk=Quantity(Fraction(1, 9), "estimate", NASTY), n=100, delta="0.05"),
    ],
)
def test_a_certificate_shows_all_that_its_summary_says(make: Callable[[], Any]) -> None:
    certificate = replace(make(), note=f"A note. {NASTY}")
    page = certificate._repr_html_()
    well_formed(page)
    said = words(page)
    for entry in certificate.assumptions:
        assert entry.assumption.name in said
        assert entry.assumption.statement in said
        assert entry.status in said
    for name in certificate.inputs:
        assert f"input: {name}" in said
    for line in certificate.summary().splitlines()[1:2]:
        assert line.strip() in said
    assert f"A note. {NASTY}" in said
    assert "<script" not in page
    assert "Rounded up" in said
    assert certificate.source.place in said


def test_what_the_number_is_not() -> None:
    sound = clopper_pearson(errors=5, n=100, delta="0.05").audited({IID_SAMPLE: ("by construction", "drawn")})
    assert "certifies nothing" not in words(sound._repr_html_())
    assert "iid sample" not in words(sound._repr_html_()).partition("checked by nobody")[2].partition(".")[0]
    violated = sound.audited({IID_SAMPLE: ("violated", "sorted")})
    assert "It certifies nothing: iid sample is known not to hold." in words(violated._repr_html_())
    assert "It is vacuous" in words(sauer(empirical_risk=0, n=10, vc_dimension=10, delta="0.05")._repr_html_())
    expected = hardt2016nonconvex(lipschitz=1, smoothness=1, step_scale="0.1", steps=1000, n=1000)
    assert "It holds in expectation over samples, and says nothing about this one." in words(expected._repr_html_())
    declared = clopper_pearson(errors=5, n=100, delta="0.05")
    assert "Declared, and checked by nobody: iid sample" in words(declared._repr_html_())
    infinite = replace(declared, value=float("inf"))
    assert "Rounded up" not in words(infinite._repr_html_())


def test_what_was_chosen_and_paid_for_is_shown() -> None:
    certificate = replace(clopper_pearson(errors=5, n=100, delta="0.05"), choices={"grid": Fraction(1, 3)})
    assert "chosen by the bound, and paid for: grid 1/3" in " ".join(words(certificate._repr_html_()).split())


@pytest.mark.parametrize(
    ("kind", "sign", "shown", "note"),
    [
        ("exact", "=", "0.666667", ""),
        ("upper", "≤", "0.666667", "Rounded up."),
        ("lower", "≥", "0.666666", "Rounded down."),
        ("estimate", "≈", "0.666667", "no certificate takes it"),
    ],
)
def test_a_quantity_is_rounded_as_its_kind_says(kind: Any, sign: str, shown: str, note: str) -> None:
    page = Quantity(Fraction(2, 3), kind, f"made up {NASTY}", n=7)._repr_html_()
    well_formed(page)
    said = words(page)
    assert f"{sign} {shown}" in said
    assert note in said
    assert f"made up {NASTY}" in said
    assert " ".join(said.split()).count("at n 7") == 1


def test_a_quantity_shows_its_delta_and_what_it_rests_on() -> None:
    entry = AuditedAssumption(Assumption("smooth", "It is smooth."), "violated", "seen")
    said = " ".join(words(Quantity((1, 2.5), "upper", "seen", delta=Fraction(1, 3), assumptions=(entry,))._repr_html_()).split())
    assert "≤ 1, 2.5" in said
    assert "may fail with probability at most 0.3334" in said
    assert "assumes: smooth violated: seen" in said
    assert "(20 entries)" in words(Quantity(tuple(range(20)), "exact", "counted")._repr_html_())


def test_a_measure_says_that_it_is_not_a_bound() -> None:
    page = lipschitz_product(spectral_norms=(2, 3))._repr_html_()
    well_formed(page)
    assert "a measure, no bound" in words(page)
