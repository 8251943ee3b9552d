"""CertificateTable: every certificate that a trained network admits, the number to cite, and what does not apply and why."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, overload

from genbounds.bounds import notebook
from genbounds.bounds.bibliography import author_year, bibtex
from genbounds.bounds.certificate import NO_BOUND, Certificate, decimal_down_percent
from genbounds.bounds.exact import from_json, to_json
from genbounds.bounds.quantity import Quantity
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.certifying.layout import by_family, columns, fold_lines
from genbounds.models.certifying.outlooks import Outlook

_TEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
}
_HEADINGS = ("bound", "form", "n", "risk at most", "level", "source")
_NOTHING = "No certificate applies: there is no number to cite. Taking the smallest row looks at the sample."
_AUDITED = ("bound", "assumption", "status", "how")
_COLUMNS = ("bound", "form", "n", "value", "delta", "vacuous", "violated", "kind", "source")


@dataclass(frozen=True)
class CertificateTable:
    """Certificates of one network, made by ``certify``; immutable.

    Attributes:
        rows: one certificate for each bound and form, the smallest value first. Each holds with probability 1 - delta on its own. The
            smallest of them need not, because picking it looks at the sample; the number to cite is ``best``.
        best: the number to cite, chosen by ``rule``: it holds with probability 1 - delta; None if there is none.
        not_applicable: (bound, reason) for every other bound of the catalogue.
        facts: (what, number as text) about the network and its samples; upper bounds rounded up, lower ones down.
        delta: the failure probability of each row, and of ``best``.
        rule: how ``best`` is chosen, fixed before the data were seen.
        advice: what would make the number smaller, with figures where they can be computed.
        outlooks: for each vacuous row its largest term, and the number of examples from which the bound would say something.
    """

    rows: tuple[Certificate, ...]
    best: Certificate | None
    not_applicable: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    delta: Fraction
    rule: str = ""
    advice: tuple[str, ...] = ()
    outlooks: tuple[Outlook, ...] = ()

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Certificate]:
        """The rows, the smallest value first."""
        return iter(self.rows)

    @overload
    def __getitem__(self, name: str | int) -> Certificate: ...

    @overload
    def __getitem__(self, name: slice) -> tuple[Certificate, ...]: ...

    def __getitem__(self, name: str | int | slice) -> Certificate | tuple[Certificate, ...]:
        """The row with the smallest value of the bound of that name, or the rows by position.

        ``KeyError`` with the reason if a bound does not apply, ``IndexError`` beyond the rows.
        """
        if not isinstance(name, str):
            return self.rows[name]
        for row in self.rows:
            if row.bound == name:
                return row
        reasons = dict(self.not_applicable)
        raise KeyError(f"{name} is not in the table: {reasons.get(name, 'no bound of the catalogue has this name')}")

    def summary(self) -> str:
        """Text of at most 80 columns: the facts, the table, the number to cite and what it rests on, what helps, what does not apply."""
        lines = [*fold_lines(f"{what}: {number}" for what, number in self.facts), ""]
        lines += columns([("bound", "risk at most", "n", "form"), *self._narrow()])
        lines += ["", *fold_lines([self._reading()]), ""]
        lines += fold_lines([f"the number to cite ({self.rule}):" if self.best else "no certificate applies"])
        lines += fold_lines(f"  {line}" for line in self.best.summary().splitlines()) if self.best else []
        if self.advice:
            lines += ["", "a better one:", *fold_lines(f"  {line}" for line in self.advice)]
        if self.not_applicable:
            lines += ["", "not applicable:", *fold_lines(f"  {family}: {reasons}" for family, reasons in self._folded())]
        return "\n".join(lines)

    def markdown(self) -> str:
        """The same as Markdown, with the assumptions of every row."""
        lines = [*(f"- {_escaped(what)}: {_escaped(number)}" for what, number in self.facts), ""]
        lines += _markdown_table(_HEADINGS, self._wide())
        lines += ["", _escaped(self._reading()), ""]
        if self.best:
            lines += ["## The number to cite", "", _escaped(f"By rule: {self.rule}."), "", "```", self.best.summary(), "```", ""]
        if self.advice:
            lines += ["## A better one", "", *(f"- {_escaped(line)}" for line in self.advice), ""]
        lines += ["## Assumptions", ""]
        lines += _markdown_table(_AUDITED, self._audited())
        if self.not_applicable:
            lines += ["", "## Not applicable", "", *_markdown_table(("family", "reasons"), self._folded())]
        return "\n".join(lines) + "\n"

    def latex(self) -> str:
        """A booktabs table; cites the keys of ``bibtex()``. The last row is the number to cite."""
        lines = [r"\begin{tabular}{llrlll}", r"\toprule", " & ".join(_HEADINGS) + r" \\", r"\midrule"]
        lines += [_tex_row(row) for row in self.rows]
        if self.best:
            lines += [r"\midrule", _tex_row(self.best, "to cite: ")]
        return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"

    def to_pandas(self) -> Any:
        """The rows as a ``pandas.DataFrame``, one certificate in each, the smallest value first.

        Columns: ``bound``, ``form``, ``n``, ``value`` (the certificate's own double, never below the exact value), ``delta``, ``vacuous``,
        ``violated`` (the names of violated assumptions), ``kind``, ``source`` (its key in ``bibtex()``). Raises ``ImportError`` where
        pandas is not installed.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise ImportError("to_pandas needs pandas, which is not installed: pip install pandas, or use to_dict()") from error
        return pandas.DataFrame.from_records([_record(row) for row in self.rows], columns=_COLUMNS)

    def bibtex(self) -> str:
        """The BibTeX of every bound in the table and of this software."""
        return bibtex(*(row.source.key for row in self.rows), "genbounds")

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict that ``from_dict`` reads back to an equal table."""
        return {
            "rows": [row.to_dict() for row in self.rows],
            "best": None if self.best is None else self.best.to_dict(),
            "not_applicable": [{"bound": name, "reason": reason} for name, reason in self.not_applicable],
            "facts": [{"what": what, "number": number} for what, number in self.facts],
            "delta": to_json(self.delta),
            "rule": self.rule,
            "advice": list(self.advice),
            "outlooks": [entry.to_dict() for entry in self.outlooks],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CertificateTable:
        """Read what ``to_dict`` wrote."""
        return cls(
            rows=tuple(Certificate.from_dict(row) for row in data["rows"]),
            best=None if data["best"] is None else Certificate.from_dict(data["best"]),
            not_applicable=tuple((entry["bound"], entry["reason"]) for entry in data["not_applicable"]),
            facts=tuple((entry["what"], entry["number"]) for entry in data["facts"]),
            delta=Fraction(from_json(data["delta"])),
            rule=data.get("rule", ""),  # tables of version 0.1.0 have none of these
            advice=tuple(data.get("advice", ())),
            outlooks=tuple(Outlook.from_dict(entry) for entry in data.get("outlooks", ())),
        )

    def _repr_html_(self) -> str:
        """Tables for notebooks."""
        parts = [_html_list(f"{what}: {number}" for what, number in self.facts), notebook.columns(_HEADINGS, self._wide())]
        parts.append(f"<p>{notebook.text(self._reading())} Values are rounded up.</p>")
        parts.append(notebook.folded("Assumptions of each row", notebook.columns(_AUDITED, self._audited())))
        if self.best:
            parts.append(f"<p>The number to cite ({notebook.text(self.rule)}):</p>{self.best._repr_html_()}")
        else:
            parts.append(notebook.warned([_NOTHING]))
        if self.advice:
            parts.append(f"<p>A better one:</p>{_html_list(self.advice)}")
        if self.not_applicable:
            parts.append(notebook.columns(("not applicable", "reasons"), self._folded()))
        return "".join(parts)

    def _audited(self) -> list[tuple[str, str, str, str]]:
        """The assumptions of all rows, each once for a bound."""
        return list(
            dict.fromkeys((row.bound, entry.assumption.name, entry.status, entry.how) for row in self.rows for entry in row.assumptions)
        )

    def _reading(self) -> str:
        level = decimal_down_percent(self.delta)
        sound = " without a violated assumption" if any(row.violated for row in self.rows) else ""
        said = f"Each row{sound} holds with probability at least {level} % by itself; the number to cite was fixed by a rule in advance."
        if not self.outlooks:
            return said
        return (
            f"{said} A vacuous row says no more than is known anyway: it names its largest term, and from which n on it would say "
            "something, all else equal."
        )

    def _told(self) -> dict[tuple[str, str], str]:
        """What each vacuous row lacks, by its bound and form."""
        return {(entry.bound, entry.form): str(entry) for entry in self.outlooks}

    def _wide(self) -> list[tuple[str, ...]]:
        told = self._told()
        return [_cells(row, told.get((row.bound, row.note), "")) for row in self.rows]

    def _narrow(self) -> list[tuple[str, ...]]:
        """The rows in few columns: what else is to be said stands in the last."""
        told = self._told()
        found: list[tuple[str, ...]] = []
        for row in self.rows:
            said = [row.note, *_marks(row, told.get((row.bound, row.note), ""))]
            found.append((row.bound, _value(row), str(row.inputs.get("n", "")), "; ".join(word for word in said if word)))
        return found

    def _folded(self) -> list[tuple[str, str]]:
        return by_family(self.not_applicable, [row.bound for row in self.rows])


def _cells(row: Certificate, lacks: str = "") -> tuple[str, str, str, str, str, str]:
    """One row as text; ``lacks`` says what a vacuous one does."""
    level = "-" if row.delta is None else f"{decimal_down_percent(row.delta)} %"
    marks = _marks(row, lacks)
    value = _value(row) + (f" ({', '.join(marks)})" if marks else "")
    return row.bound, row.note, str(row.inputs.get("n", "")), value, level, author_year(row.source.key)


def _value(row: Certificate) -> str:
    return decimal_up(row.value, 4) if math.isfinite(row.value) else NO_BOUND


def _marks(row: Certificate, lacks: str) -> list[str]:
    return ([f"vacuous: {lacks}" if lacks else "vacuous"] if row.vacuous else []) + [
        f"violated: {entry.assumption.name}" for entry in row.violated
    ]


def _record(row: Certificate) -> tuple[Any, ...]:
    """One row as plain values, in the order of the columns."""
    n = row.inputs.get("n")
    violated = ", ".join(entry.assumption.name for entry in row.violated)
    delta = None if row.delta is None else float(row.delta)
    return (
        row.bound, row.note, n.value if isinstance(n, Quantity) else n, row.value, delta, row.vacuous, violated, row.kind, row.source.key,
    )  # fmt: skip


def _tex_row(row: Certificate, prefix: str = "") -> str:
    bound, note, n, value, level, _ = (_tex(cell) for cell in _cells(row))
    return rf"\texttt{{{bound}}} & {_tex(prefix)}{note} & {n} & {value} & {level} & \cite{{{row.source.key}}} \\"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


def _escaped(text: str) -> str:
    """Text that Markdown prints as it is: no column, no tag, no emphasis starts in it."""
    for character in "\\`*_<>[]|":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


def _markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return lines + ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in rows]


def _html_list(entries: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{notebook.text(entry)}</li>" for entry in entries) + "</ul>"
