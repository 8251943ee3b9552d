"""The LaTeX of every form is well formed; the bibliography parses, is complete and holds nothing that nothing cites."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from pybtex.database import parse_string
from tests.bounds.strategies.table import READINGS

from genbounds.bounds import catalogue, get
from genbounds.bounds.bibliography import author_year, bibtex, entries, named

DELIMITERS = {*"()[]|.", r"\{", r"\}", r"\|", r"\Vert", r"\vert", r"\lceil", r"\rceil", r"\lfloor", r"\rfloor", r"\langle", r"\rangle"}
REQUIRED = {
    "article": {"author", "title", "journal", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "book": {"author", "title", "publisher", "year"},
    "incollection": {"author", "title", "booktitle", "year"},
    "phdthesis": {"author", "title", "school", "year"},
    "techreport": {"author", "title", "institution", "year"},
    "misc": {"author", "title", "year"},
    "unpublished": {"author", "title", "note"},
    "software": {"author", "title", "year"},
}


def faults(latex: str) -> list[str]:
    """What is wrong with the nesting of braces, \\left ... \\right and environments, and with the arguments of commands."""
    tokens = re.findall(r"\\[A-Za-z]+|\\.|[^\\]", latex)
    stack: list[str] = []
    found = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token in (r"\left", r"\right"):
            position += 1
            delimiter = tokens[position] if position < len(tokens) else ""
            if delimiter not in DELIMITERS:
                found.append(f"{token} before {delimiter!r}")
            if token == r"\left":
                stack.append("left")
            elif not stack or stack.pop() != "left":
                found.append(r"\right without \left")
        elif token in (r"\begin", r"\end"):
            name = re.match(r"\{(\w+\*?)\}", "".join(tokens[position + 1 :]))
            if name is None:
                found.append(f"{token} without a name")
            else:
                position += len(name.group(0))
                if token == r"\begin":
                    stack.append(name.group(1))
                elif not stack or stack.pop() != name.group(1):
                    found.append(rf"\end{{{name.group(1)}}} without \begin")
        elif token == "{":
            stack.append("{")
        elif token == "}":
            if not stack or stack.pop() != "{":
                found.append("} without {")
        elif token in "_^":
            rest = "".join(tokens[position + 1 :]).lstrip()
            if not rest or rest[0] in "_^}":
                found.append(f"{token} without an argument")
        position += 1
    return found + [f"{entry} is not closed" for entry in stack]


@pytest.mark.parametrize("key", sorted(READINGS))
def test_the_formula_of_every_form_is_well_formed(key: str) -> None:
    formula, form = READINGS[key]
    latex = formula.latex(form)
    assert faults(latex) == []
    assert latex.startswith(f"{formula.left_side} {formula.declaration.relation} ")
    assert not re.search(r"[-+] [-+]", latex), f"two signs in a row: {latex}"
    for raw in ("Piecewise", "IndexedBase", "None", "math.", "Symbol", "nan", "zoo"):
        assert raw not in latex, latex
    assert not re.search(r"\d\.\d{3}", latex), "a constant was printed as a decimal"
    assert not re.search(r"(?<![A-Za-z\\])[a-z]{2,}_[a-z]{2,}", re.sub(r"\\(math|operator|text)\w*\{[^}]*\}", "", latex)), latex


@pytest.mark.parametrize(
    ("latex", "word"),
    [
        (r"\frac{1}{2", "not closed"),
        (r"\left(x\right", "before ''"),
        (r"\left(x", "not closed"),
        (r"x}", "without {"),
        (r"\begin{cases} x", "cases is not closed"),
        (r"\left\{x\right\}", ""),
        (r"\left(\frac{a}{b}\right]^{2}", ""),
        (r"x_", "without an argument"),
        (r"{\left(}x\right)", "without"),
    ],
)
def test_the_parser_finds(latex: str, word: str) -> None:
    assert any(word in fault for fault in faults(latex)) if word else faults(latex) == []


TEXT = resources.files("genbounds.bounds").joinpath("references.bib").read_text(encoding="utf-8")


def test_pybtex_reads_the_bibliography_and_required_fields_are_there() -> None:
    parsed = parse_string(TEXT, "bibtex")
    inline = {key for key, text in entries().items() if text not in TEXT}  # works that came with a bound of somebody's own
    assert set(parsed.entries) == set(entries()) - inline
    for key, entry in parsed.entries.items():
        present = {field for field in entry.fields if entry.fields[field].strip()} | {role for role in entry.persons if entry.persons[role]}
        assert REQUIRED[entry.type] <= present, (key, entry.type, REQUIRED[entry.type] - present)
        assert "year" not in entry.fields or re.fullmatch(r"\d{4}", entry.fields["year"])


def test_every_source_has_an_entry_and_a_name() -> None:
    for formula in catalogue():
        for form in formula.forms.values():
            assert form.source.key in entries()
            assert re.fullmatch(r".+ \(\d{4}\)", author_year(form.source.key))
        assert formula.bibtex() == bibtex(formula.source.key)


@pytest.mark.parametrize("name", [formula.name for formula in catalogue()])
def test_every_work_that_a_docstring_or_a_place_names_has_an_entry(name: str) -> None:
    formula = get(name)
    for text in (formula.__doc__ or "", *(form.source.place for form in formula.forms.values())):
        assert [work for work, key in named(text).items() if not key] == []


def test_works_are_found_by_author_and_year() -> None:
    text = "Feldman and Vondrak 2018; the form of McAllester 1999, Maurer's (2004) moment, Arora et al. (2019); in 1999 no one."
    assert list(named(text).values()) == ["feldman2018generalization", "mcallester1999pac", "maurer2004note", "arora2019fine"]
    assert named("Anonymous and Nobody 1900") == {"Anonymous and Nobody 1900": ""}


def test_a_work_on_arxiv_says_so() -> None:
    for key, entry in parse_string(TEXT, "bibtex").entries.items():
        assert ("eprint" in entry.fields) == ("archiveprefix" in {field.lower() for field in entry.fields}), key


def test_the_software_has_an_entry() -> None:
    assert "genbounds" in entries()
