"""Writing a report: five files from one value."""

from __future__ import annotations

import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from genbounds.bounds.bibliography import bibtex
from genbounds.verification.report import escape
from genbounds.verification.report.drawing import Picture
from genbounds.verification.report.figures import pictures
from genbounds.verification.report.inline_svg import inline
from genbounds.verification.report.view import keys, view
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.store import StoreError, write_atomically
from genbounds.verification.runs.workers import Workers

FILES = ("report.html", "report.md", "tables.tex", "report.json", "references.bib")


def write_report(report: Report, folder: str | os.PathLike[str], pool: Workers | None = None) -> dict[str, Path]:
    """Write ``report.html`` (one file, figures inside), ``report.md``, ``tables.tex``, ``report.json`` and ``references.bib``.

    Equal reports give equal bytes. The folder is made if it is not there; ``ValueError`` (``StoreError``) if it cannot be written.
    Where there is a ``pool`` of worker processes, the figures are drawn there.
    Returns the paths by file name.
    """
    shown = view(report)
    texts = {
        "report.html": _html(shown, pictures(report, pool)),
        "report.md": _environment("markdown").get_template("report.md.j2").render(shown),
        "tables.tex": _environment("tex").get_template("tables.tex.j2").render(shown),
        "report.json": json.dumps(report.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        "references.bib": bibtex(*keys(report)) + "\n",
    }
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the output folder must be writable, got {folder}: {error.strerror}; choose another folder") from error
    paths = {name: Path(folder) / name for name in FILES}
    for name, path in paths.items():
        write_atomically(path, texts[name])
    return paths


def _html(shown: dict[str, Any], drawn: dict[str, Picture]) -> str:
    environment = _environment("html")
    environment.filters["inline"] = inline
    parts = {"style": _text("style.css").strip(), "script": _text("script.js").strip()}
    return environment.get_template("report.html.j2").render(shown, pictures=drawn, **parts)


def _environment(medium: str) -> jinja2.Environment:
    """A template environment in which every printed value is escaped for its medium."""
    options: dict[str, Any] = {
        "loader": jinja2.FunctionLoader(_text),
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
    }
    if medium == "html":
        return jinja2.Environment(autoescape=True, **options)
    if medium == "markdown":
        return jinja2.Environment(finalize=escape.markdown, autoescape=False, **options)
    delimiters: dict[str, Any] = {
        "block_start_string": "<%",
        "block_end_string": "%>",
        "variable_start_string": "<<",
        "variable_end_string": ">>",
        "comment_start_string": "<#",
        "comment_end_string": "#>",
    }
    environment = jinja2.Environment(finalize=escape.tex, autoescape=False, **delimiters, **options)
    environment.filters["safe"] = escape.Safe
    environment.filters["name"] = escape.tex_name
    return environment


def _text(name: str) -> str:
    return resources.files("genbounds.verification.report").joinpath(name).read_text(encoding="utf-8")
