"""The sources: reading references.bib, and printing the BibTeX of what was used."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Source:
    """Where a theorem is printed: the key of its entry in references.bib and the place in it."""

    key: str
    place: str

    def __str__(self) -> str:
        """``key, place``."""
        return f"{self.key}, {self.place}"


@functools.cache
def entries() -> dict[str, str]:
    """All entries of references.bib: key to BibTeX text.

    >>> entries()["hoeffding1963probability"].startswith("@article{hoeffding1963probability")
    True
    """
    text = resources.files("genbounds.bounds").joinpath("references.bib").read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"\n(?=@)", text):
        match = re.match(r"@\w+\{([^,\s]+),", block.strip())
        if match:
            found[match.group(1)] = block.strip()
    return found


def bibtex(*keys: str) -> str:
    """The BibTeX entries of these keys, one after the other; ``ValueError`` for a key that is not in references.bib."""
    known = entries()
    for key in keys:
        if key not in known:
            raise ValueError(f"key must be one of references.bib, got {key!r}: add the entry to bounds/references.bib")
    return "\n\n".join(known[key] for key in dict.fromkeys(keys))


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
    names = [author.split(",")[0].strip() for author in field(key, "author").split(" and ")]
    joined = names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."
    return f"{joined} ({field(key, 'year')})"
