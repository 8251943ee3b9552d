"""The page of all architectures, from the stored trials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PAGE, STORE = (Path(__file__).parents[1] / f"architectures.{kind}" for kind in ("md", "json"))
BEGIN, END = "<!-- architectures: begin -->\n", "<!-- architectures: end -->\n"


def stored() -> list[dict[str, Any]]:
    """The trials as they were stored, in their order."""
    return json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else []


def store(trials: Sequence[dict[str, Any]]) -> None:
    """One line per trial."""
    STORE.write_text("[\n" + ",\n".join(json.dumps(trial) for trial in trials) + "\n]\n", encoding="utf-8")


def table(trials: Sequence[dict[str, Any]]) -> str:
    """A summary, then a table for each package."""
    read = sum(trial["outcome"] == "read" for trial in trials)
    lines = [f"Of {len(trials)} architectures {read} are read ({read / len(trials):.0%}) and {len(trials) - read} are refused.\n"]
    for package in dict.fromkeys(trial["package"] for trial in trials):
        own = [trial for trial in trials if trial["package"] == package]
        lines += [
            f"## {package}\n",
            f"{sum(trial['outcome'] == 'read' for trial in own)} of {len(own)} are read.\n",
            "| network | parameters | seconds | lower | found by ascent | upper | refused because |",
            "|---|---:|---:|---:|---:|---:|---|",
            *(_line(trial) for trial in own),
            "",
        ]
    return "\n".join(lines) + "\n"


def _line(trial: dict[str, Any]) -> str:
    said = trial.get("said", "").replace("|", "\\|").replace("\n", " ")
    numbers = " | ".join("" if trial["outcome"] != "read" else _number(trial.get(key)) for key in ("lower", "ascent", "upper"))
    return f"| {trial['name']} | {trial.get('parameters', 0):,} | {trial.get('seconds', 0):.1f} | {numbers} | {said} |"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"


def write() -> None:
    """The tables between the marks of the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}{table(stored())}{END}{rest.split(END)[1]}", encoding="utf-8")
