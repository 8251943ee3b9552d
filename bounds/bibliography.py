"""The sources: reading references.bib, and printing the BibTeX of what was used."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Source:
    """Where a theorem is printed: the key of its entry in references.bib and the place in it; or a work that is not there.

    Args:
        key: a key of references.bib; the key of the entry that ``bibtex`` holds; or, with a space in it, a work in words.
        place: the theorem or lemma.
        bibtex: the entry of a work that references.bib does not have.

    Raises:
        ValueError: ``bibtex`` is not an entry, or its key is taken by another work.

    >>> Source("Doe 2026", "Lemma 3")
    Source(key='doe2026', place='Lemma 3', bibtex='@misc{doe2026,\\n  title = {Doe 2026},\\n}')
    >>> author_year("doe2026")
    'Doe 2026'
    """

    key: str
    place: str
    bibtex: str = ""

    def __post_init__(self) -> None:
        """Enter a work of one's own, so that certificates can print it."""
        if not self.bibtex and " " in self.key:
            slug = re.sub(r"\W+", "", self.key).lower()
            object.__setattr__(self, "bibtex", f"@misc{{{slug},\n  title = {{{self.key}}},\n}}")
        if not self.bibtex:
            return
        match = _ENTRY.match(self.bibtex.strip())
        if match is None:
            raise ValueError(f"bibtex must be one entry such as @article{{key, ...}}, got {self.bibtex[:60]!r}: paste the whole entry")
        object.__setattr__(self, "key", match.group(1))
        if _packaged().get(self.key, self.bibtex.strip()) != self.bibtex.strip():
            raise ValueError(f"key of an entry must be new, got {self.key!r}, which references.bib has: choose another key")
        _inline[self.key] = self.bibtex.strip()

    def __str__(self) -> str:
        """``key, place``."""
        return f"{self.key}, {self.place}"


_ENTRY = re.compile(r"@\w+\{([^,\s]+),")
_inline: dict[str, str] = {}
"""Entries that came with a ``Source``."""


def entries() -> dict[str, str]:
    """All entries of references.bib, and those that came with a source: key to BibTeX text.

    >>> entries()["hoeffding1963probability"].startswith("@article{hoeffding1963probability")
    True
    """
    return {**_packaged(), **_inline}


@functools.cache
def _packaged() -> dict[str, str]:
    """The entries of references.bib."""
    text = resources.files("genbounds.bounds").joinpath("references.bib").read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"\n(?=@)", text):
        match = _ENTRY.match(block.strip())
        if match:
            found[match.group(1)] = block.strip()
    return found


def bibtex(*keys: str, version: str | None = None) -> str:
    """The BibTeX entries of these keys, one after the other; ``ValueError`` for a key that is not in references.bib.

    ``version`` is that of this software where another one than this made the number.

    >>> "version = {0.0.7}" in bibtex("genbounds", version="0.0.7")
    True
    """
    known = entries()
    for key in keys:
        if key not in known:
            raise ValueError(f"key must be one of references.bib, got {key!r}: add the entry to bounds/references.bib")
    found = {key: known[key] for key in dict.fromkeys(keys)}
    if version is not None and "genbounds" in found:
        found["genbounds"] = re.sub(r"version = \{[^}]*\}", lambda _: f"version = {{{version}}}", found["genbounds"])
    return "\n\n".join(found.values())


def field(key: str, name: str) -> str:
    """One field of an entry, braces removed; empty if the entry has none.

    >>> field("hoeffding1963probability", "year")
    '1963'
    """
    match = re.search(rf"\b{name}\s*=\s*[{{\"](.*?)[}}\"]\s*,?\s*\n", bibtex(key), flags=re.DOTALL | re.IGNORECASE)
    return re.sub(r"[{}]", "", match.group(1)).strip() if match else ""


WORK = re.compile(r"[A-Z][\w'-]+?(?: and [A-Z][\w'-]+?| et al\.)?(?:'s)? \(?(?:19|20)\d\d\b")
"""How a text names a work: ``Novikoff 1962``, ``Anthony and Bartlett 1999``, ``Arora et al. (2019)``, ``Maurer's (2004)``."""


def named(text: str) -> dict[str, str]:
    """The works that a text names by author and year, each with its key in references.bib; empty for one that is not there.

    >>> named("As in Anthony and Bartlett 1999, Theorem 8.3; see Nobody (1900).")
    {'Anthony and Bartlett 1999': 'anthony1999neural', 'Nobody 1900': ''}
    """
    keys = {_without_latex(author_year(key)): key for key in entries()}
    found = [_without_latex(match) for match in WORK.findall(" ".join(text.split()))]
    return {work: keys.get(work, "") for work in dict.fromkeys(found)}


def _without_latex(work: str) -> str:
    """Without brackets, genitive and the accents of LaTeX."""
    return re.sub(r"\\[`'^\"~=.]|\\c |[()]", "", work).replace("'s ", " ")


def author_year(key: str) -> str:
    """The citation as text, such as ``Hoeffding (1963)``.

    >>> author_year("hoeffding1963probability")
    'Hoeffding (1963)'
    """
    if not field(key, "author"):
        return field(key, "title") or key
    names = [author.split(",")[0].strip() for author in field(key, "author").split(" and ")]
    joined = names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."
    return f"{joined} ({field(key, 'year')})"
