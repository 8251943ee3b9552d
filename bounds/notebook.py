"""HTML fragments for notebooks: a table of what is known with its notes, without a script and without a colour of its own.

The text has the notebook's colour on the notebook's paper, so that its contrast is that of the page, by day and by night.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

_LEFT = "text-align:left;vertical-align:top"


def table(title: str, rows: Iterable[tuple[str, str]], notes: Sequence[str] = (), warnings: Sequence[str] = ()) -> str:
    """A table with a heading for each row, below it the notes; warnings stand before it, in bold and beside a bar. All is escaped.

    >>> print(table("a < b", [("risk", "0.1")], warnings=["no bound"]))
    <table><caption style="text-align:left"><b>a &lt; b</b></caption><tbody>...<p style="border-left:4px solid;...no bound</b></p>
    """
    body = "".join(
        f'<tr><th scope="row" style="{_LEFT}">{text(name)}</th><td style="{_LEFT}">{text(value)}</td></tr>' for name, value in rows
    )
    caption = f'<caption style="text-align:left"><b>{text(title)}</b></caption>'
    return f"<table>{caption}<tbody>{body}</tbody></table>{warned(warnings)}{''.join(f'<p>{text(note)}</p>' for note in notes)}"


def columns(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a line of headings; all is escaped.

    >>> columns(["n"], [["5 & 6"]]).endswith('5 &amp; 6</td></tr></tbody></table>')
    True
    """
    head = "".join(f'<th scope="col" style="{_LEFT}">{text(heading)}</th>' for heading in headings)
    lines = "".join("<tr>" + "".join(f'<td style="{_LEFT}">{text(cell)}</td>' for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def warned(said: Iterable[str]) -> str:
    """What the number is not: in bold, beside a bar.

    >>> warned([])
    ''
    """
    return "".join(f'<p style="border-left:4px solid;padding-left:0.5em"><b>{text(one)}</b></p>' for one in said)


def folded(title: str, inside: str) -> str:
    """Something that unfolds, which needs no script; ``inside`` is HTML.

    >>> folded("more", "<p>x</p>")
    '<details><summary>more</summary><p>x</p></details>'
    """
    return f"<details><summary>{text(title)}</summary>{inside}</details>"


def lines(summary: str) -> str:
    """A summary of several lines as it is.

    >>> lines("a\\n  b > c")
    '<pre>a\\n  b &gt; c</pre>'
    """
    return f"<pre>{text(summary)}</pre>"


def text(words: str) -> str:
    """Words that HTML prints as they are.

    >>> text("<script>")
    '&lt;script&gt;'
    """
    return html.escape(words)
