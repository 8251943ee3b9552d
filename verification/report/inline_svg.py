"""A figure as a part of a page: its text is text in the page's font, its colours are those of the page, and its numbers are short."""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter

from genbounds.verification.report.drawing import BASELINE, BOUND, BROKEN, GREY, INK, RISK, Picture

# What a figure is drawn in, and the name of that colour in style.css, which has another value on dark paper.
COLOURS = {
    BOUND.lower(): "--bound",
    RISK.lower(): "--risk",
    BASELINE.lower(): "--baseline",
    GREY.lower(): "--grey",
    INK.lower(): "--ink",
    BROKEN.lower(): "--bad",
    "#000000": "--ink",
    "#ffffff": "--paper",
    "#666666": "--soft",
    "#888888": "--grey",
    "#dddddd": "--line",
    "#f0f0f0": "--tint",
}
_HEAD = re.compile(r"<\?xml.*?\?>|<!DOCTYPE[^>]*>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_STYLE = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_OPENING = re.compile(r"<svg[^>]*viewBox=\"([^\"]*)\"[^>]*>", re.DOTALL)
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"(?:scale|matrix)\([^)]*\)|(?<![\w.#])-?\d+\.\d+")
_ID = re.compile(r" id=\"([^\"]*)\"")
_STYLED = re.compile(r" style=\"([^\"]*)\"")
_FONT = re.compile(r"font: (?:(italic|bold) )?([\d.]+)px [^;\"]*")

# What says nothing: spaces in styles, defaults, turns by no angle, groups around one shape.
_SHORT = (
    (re.compile(r"(?<=[a-z]): (?=[^<>]*\")"), ":"),
    (re.compile(r"; ?stroke-linejoin:miter|stroke-linejoin:miter; ?"), ""),
    (re.compile(r" transform=\"rotate\(-?0(?:\.0)?[ ,][^)]*\)\""), ""),
    (re.compile(r"; font-family:'DejaVu Sans'"), ""),
    (re.compile(r"<defs></defs>"), ""),
    (re.compile(r"<g>(<(?:path|use)[^<>]*/>)</g>"), r"\1"),
)
_FACES = {None: "", "bold": "; font-weight: 600", "italic": "; font-style: italic"}


def inline(picture: Picture) -> str:
    """The SVG of a figure without its header, ready to stand in a page; equal figures give equal text.

    Ids that nothing refers to are dropped, the others come from the figure's name, so that no two figures of a page share one. Styles that
    several shapes have are classes.

    >>> empty = '<svg width="9pt" height="9pt" viewBox="0 0 9 9" xmlns="x"><g id="a"><path d="M 0.123 4" style="fill: #0072b2"/></g></svg>'
    >>> print(inline(Picture("one", empty.encode(), "a < b", "")))
    <svg class="plot" role="img" aria-label="a &lt; b" viewBox="0 0 9 9"><path d="M 0.1 4" style="fill:var(--bound)"/></svg>
    """
    text = _STYLE.sub("", _HEAD.sub("", picture.svg.decode("utf-8"))).strip()
    text = text.replace("xlink:href", "href")
    used = set(re.findall(r"url\(#([^)]*)\)", text)) | set(re.findall(r"href=\"#([^\"]*)\"", text))
    own = {name: f"{_word(picture.name)}{number:x}" for number, name in enumerate(sorted(used))}
    text = _ID.sub(lambda match: f' id="{own[match[1]]}"' if match[1] in used else "", text)
    text = re.sub(r"(url\(#|href=\"#)([^)\"]*)", lambda match: f"{match[1]}{own[match[2]]}", text)
    text = _TAG.sub(lambda tag: _NUMBER.sub(_shortened, tag[0]), text)
    text = _FONT.sub(lambda match: f"font-size: {match[2]}px{_FACES[match[1]]}", text)
    text = _COLOUR.sub(lambda match: f"var({COLOURS[match[0]]})" if match[0] in COLOURS else match[0], text)
    text = re.sub(r"\s*\n\s*", " ", text).replace("> <", "><")
    for what, short in _SHORT:
        text = what.sub(short, text)
    text, rules = _classes(text)
    opening = f'<svg class="plot" role="img" aria-label="{html.escape(picture.alt)}" viewBox="\\1">{rules}'
    return _OPENING.sub(opening, text, count=1)


def _classes(text: str) -> tuple[str, str]:
    """The figure with a class in place of each style that several of its shapes share, and the rules of these classes."""
    shared = {style: f"s{_word(style)}" for style, count in Counter(_STYLED.findall(text)).items() if count > 2}
    text = _STYLED.sub(lambda match: f' class="{shared[match[1]]}"' if match[1] in shared else match[0], text)
    rules = "".join(f".plot .{name}{{{style}}}" for style, name in sorted(shared.items()))
    return text, f"<style>{rules}</style>" if rules else ""


def _word(text: str) -> str:
    """A short name that no two texts of a page share: a letter and six digits of a hash."""
    return f"f{hashlib.blake2b(text.encode(), digest_size=3).hexdigest()}"


def _shortened(match: re.Match[str]) -> str:
    """A coordinate to a tenth of a point; factors as they are."""
    return match[0] if match[0][0] in "sm" else f"{float(match[0]):.1f}".removesuffix(".0")
