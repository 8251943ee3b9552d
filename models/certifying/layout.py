"""Text of at most 80 columns, and reasons folded by family."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 80


def fold_lines(lines: Iterable[str]) -> list[str]:
    """The lines, each broken at spaces where it is longer than 80 columns; what follows is indented by 4 more.

    >>> fold_lines(["  " + "word " * 20])[1]
    '      word word word word word'
    """
    found: list[str] = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        found += _broken(line.strip(), indent, indent + "    ") or [""]
    return found


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells one below the other; the last cell goes to lines of its own where it would end beyond 80 columns.

    >>> columns([("a", "first"), ("bcd", "second"), ("e", "word " * 16)])
    ['a    first', 'bcd  second', 'e', '    word word word word word word word word word word word word word word word', '    word']
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    found: list[str] = []
    for *cells, last in rows:
        left = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        if len(left) + 2 + len(last) <= WIDTH:
            found.append(f"{left}  {last}".rstrip())
        else:
            found += [left.rstrip(), *_broken(last, " " * 4, " " * 4)]
    return found


def _broken(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)


def by_family(pairs: Sequence[tuple[str, str]], applicable: Iterable[str]) -> list[tuple[str, str]]:
    """(family and number of bounds, reasons): one entry for each family, in order of appearance.

    A reason that stands for all bounds of a family, where none of it is ``applicable``, is said without their names; reasons that differ in
    what follows a colon only are said once.

    >>> by_family([("vc.a", "needs: x"), ("vc.b", "needs: y"), ("stability.c", "no")], ["holdout.d"])
    [('vc (2)', 'needs: x (a), y (b)'), ('stability (1)', 'no')]
    """
    families: dict[str, list[tuple[str, str]]] = {}
    for name, reason in pairs:
        family, _, short = name.partition(".")
        families.setdefault(family, []).append((short, reason))
    with_rows = {name.partition(".")[0] for name in applicable}
    found = []
    for family, entries in families.items():
        if not entries[0][0]:  # no family, but a sentence about all bounds
            found += [(family, reason) for _, reason in entries]
            continue
        alone = len({reason for _, reason in entries}) == 1 and family not in with_rows
        found.append((f"{family} ({len(entries)})", entries[0][1] if alone else _reasons(entries)))
    return found


def _reasons(entries: Sequence[tuple[str, str]]) -> str:
    names: dict[str, list[str]] = {}
    for name, reason in entries:
        names.setdefault(reason, []).append(name)
    stems: dict[str, list[str]] = {}
    for reason in names:
        stems.setdefault(reason.partition(": ")[0], []).append(reason)
    said = []
    for stem, reasons in stems.items():
        if len(reasons) == 1:
            said.append(f"{reasons[0]} ({', '.join(names[reasons[0]])})")
        else:
            tails = (f"{reason.partition(': ')[2] or 'no more is known'} ({', '.join(names[reason])})" for reason in reasons)
            said.append(f"{stem}: {', '.join(tails)}")
    return "; ".join(said)
