"""The colours of the page: text on every paper that it stands on has the contrast of WCAG AA, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from genbounds.verification.report import inline_svg

CSS = (Path(__file__).parents[3] / "verification" / "report" / "style.css").read_text(encoding="utf-8")
TEXT = ("ink", "soft", "bound", "risk", "baseline", "bad")
PAPERS = ("paper", "tint", "mark")
SCHEMES = ("light", "dark", "print")


def colours(scheme: str) -> dict[str, str]:
    """The colours that a scheme ends up with: those of the first block, and what it puts in their place."""
    blocks = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)]
    light, dark, printed = blocks
    return {**light, **{"light": {}, "dark": dark, "print": printed}[scheme]}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the grey that just fails
    assert contrast("#8a9299", "#ffffff") < 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read_on_every_paper(scheme: str) -> None:
    found = colours(scheme)
    for text in TEXT:
        for paper in PAPERS:
            assert contrast(found[text], found[paper]) >= 4.5, (scheme, text, paper)
    for paper in ("paper", "tint"):
        assert contrast(found["grey"], found[paper]) >= 3, (scheme, paper)  # marks of figures and borders of fields


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures_use_the_colours_of_the_page(scheme: str) -> None:
    assert {name.removeprefix("--") for name in inline_svg.COLOURS.values()} <= set(colours(scheme))


def test_the_style_has_no_colour_of_its_own() -> None:
    """Every colour stands in a block of variables, so that the tests above see all of them."""
    rest = re.sub(r":root \{.*?\}", "", CSS, flags=re.DOTALL)
    assert not re.search(r"#[0-9a-f]{3,6}\b(?=[^{]*\})|rgb\(|hsl\(", rest)
