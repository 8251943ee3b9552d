"""Speed of every bound: certificates, and array evaluations compared with numpy's own cost of the elementary functions in them.

python tests/benchmarks/bounds.py [--json] [--size N] [--only TEXT]

A certificate is timed at the representative case of docs/cases/, and for inverted bounds also at n = 1e12. For arrays every input that is
a number becomes an array of N entries (N/100 rows where an input is a vector over layers, or where a call would take over 5 s). Numpy's own
cost of the same functions, sums and products among them, is that of the formula and its search written in numpy: read without any check,
with whole arrays or block by block, whichever is faster. Members that numpy lacks (kl inversion, binomial tails, xi) are in it at their own
cost. Beside it stands the time inside log, exp, sqrt, power and those members alone, which leaves out what a formula's arithmetic costs: a
bound with one root and eight products cannot be within five times that. All times are CPU times, the shortest of some.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from genbounds.bounds import Formula, catalogue, get
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.blocks import blockwise

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
CASES = importlib.import_module("cases").CASES

ELEMENTARY = ("log", "log2", "log1p", "exp", "exp2", "expm1", "sqrt", "power")
SPECIAL = (
    "kl_inverse", "kl_inverse_lower", "binomial_tail_inverse", "binomial_tail_inverse_log", "log_binomial_sum", "xi", "x_minus_log1p",
    "log_gamma_second_increment", "one_minus_exp",
)  # fmt: skip
INVERTED = SPECIAL[:6]
CLOSED_MS, INVERTED_MS, RATIO = 1.0, 20.0, 5.0
LARGEST_N = 10**12
PATIENCE = 5.0  # seconds a call: where arrays of the full size would take longer, a hundredth of it is timed


class Meter:
    """Stands for a function, and adds up the time spent in it (once where metered functions call each other)."""

    inside = False
    seconds = 0.0
    called: set[str]

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name, self.function = name, function

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if Meter.inside:
            return self.function(*arguments, **keywords)
        Meter.inside, start = True, time.process_time()
        try:
            return self.function(*arguments, **keywords)
        finally:
            Meter.seconds += time.process_time() - start
            Meter.inside = False
            Meter.called.add(self.name)


def metered(run: Callable[[], Any]) -> tuple[float, set[str]]:
    """Seconds inside numpy's elementary functions and the special members during one run, and the names of those that ran."""
    saved = {name: getattr(np, name) for name in ELEMENTARY}
    members = {name: getattr(FLOATS, name) for name in (*ELEMENTARY, *SPECIAL) if hasattr(FLOATS, name)}
    Meter.seconds, Meter.called = 0.0, set()
    try:
        for name, function in saved.items():
            setattr(np, name, Meter(name, function))
        for name, function in members.items():
            setattr(FLOATS, name, Meter(name, function))
        run()
    finally:
        for name, function in saved.items():
            setattr(np, name, function)
        for name in members:
            delattr(FLOATS, name)
    return Meter.seconds, Meter.called


def seconds(run: Callable[[], Any], least: float = 0.2, most: int = 200) -> float:
    """The shortest time of a call, over at least three calls: others may use the machine too."""
    run()
    times: list[float] = []
    while len(times) < 3 or (sum(times) < least and len(times) < most):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def arrays(formula: Formula, inputs: dict[str, Any], size: int) -> tuple[dict[str, Any], int]:
    """Every number as an array; measured ones vary by a percent, all in step, so that conditions between them still hold."""
    rows = size // 100 if formula.vectors else size
    variation = 1 - 0.01 * np.random.default_rng(0).random(rows)
    spread: dict[str, Any] = {}
    for name, value in inputs.items():
        domain = formula.domains[name]
        still = (domain is not None and domain.whole) or name not in (*formula.declaration.increasing, *formula.declaration.decreasing)
        base = np.broadcast_to(np.asarray(value, dtype=np.float64), (rows, *np.shape(value)))
        spread[name] = base.copy() if still else base * variation.reshape(rows, *(1,) * (base.ndim - 1))
    return spread, rows


def bare(formula: Formula, form: Any) -> Callable[[dict[str, Any]], Any]:
    """The search and the formula alone: what one would write with numpy."""
    reading = formula.forms[form]

    def read(inputs: dict[str, Any]) -> Any:
        chosen = reading.choose(**inputs) if reading.choose else {}
        return sum(reading.formula(FLOATS, **inputs, **{name: FLOATS.lift(value) for name, value in chosen.items()}).values())

    return read


def row(formula: Formula, form: Any, size: int) -> dict[str, Any]:
    """The measurements of one form of one bound."""
    case = CASES[formula.name]
    selected = {formula.form_argument: form} if len(formula.forms) > 1 else {}
    inputs = case.at()
    defaults = {name: value for name, value in formula.defaults.items() if name in formula.inputs}
    one = seconds(lambda: formula(**inputs, **selected))
    spread, rows = arrays(formula, {**defaults, **inputs}, size // 100)
    start = time.process_time()
    formula.value(**spread, **selected)
    if 100 * (time.process_time() - start) < PATIENCE:
        spread, rows = arrays(formula, {**defaults, **inputs}, size)
    whole = seconds(lambda: formula.value(**spread, **selected))
    alone = bare(formula, form)
    inner, called = min((metered(lambda: alone(spread)) for _ in range(3)), key=lambda pair: pair[0])
    inverted = bool(called & set(INVERTED))
    plain = min(seconds(lambda: alone(spread)), seconds(lambda: blockwise(alone, spread, formula.vectors)))
    result = {
        "bound": formula.name,
        "form": str(form),
        "certificates_per_second": round(1 / one),
        "certificate_ms": round(1000 * one, 4),
        "target_ms": INVERTED_MS if inverted or formula.forms[form].choose else CLOSED_MS,
        "array_size": rows,
        "evaluations_per_second": round(rows / whole),
        "numpy_functions": sorted(called),
        "times_numpy": round(whole / plain, 2),
        "times_functions_alone": round(whole / inner, 2) if called else None,
        "within_five": bool(whole <= RATIO * plain),
    }
    if case.size is not None and inverted:
        result["certificate_ms_at_1e12"] = round(1000 * seconds(lambda: formula(**case.at(LARGEST_N), **selected)), 3)
    result["on_time"] = bool(max(result["certificate_ms"], result.get("certificate_ms_at_1e12", 0.0)) <= result["target_ms"])
    return result


WEIGHTS, SUBSET = 10**6, 4000  # the subset is below the length from which on sums are taken in floats
LONG_MICROSECONDS = 0.1


def long_rows() -> list[dict[str, Any]]:
    """The divergences of a million weights, and the same code in balls for a few of them: microseconds per weight, and their ratio."""
    random = np.random.default_rng(0)
    whole = {"mean_q": random.normal(size=WEIGHTS) / 10, "std_q": random.uniform(0.01, 0.3, WEIGHTS), "mean_p": np.zeros(WEIGHTS)}
    rows = []
    for name, more in (("pac_bayes.gaussian_kl", {"std_p": np.full(WEIGHTS, 0.3)}), ("pac_bayes.gaussian_kl_grid", {})):
        inputs, formula = {**whole, **more}, get(name)
        few = {key: entry[:SUBSET] for key, entry in inputs.items()}
        quick = 1e6 * seconds(lambda: formula(**inputs)) / WEIGHTS  # noqa: B023 - called at once
        slow = 1e6 * seconds(lambda: formula(**few)) / SUBSET  # noqa: B023
        found = {"weights": WEIGHTS, "microseconds_a_weight": round(quick, 4), "microseconds_a_weight_in_balls": round(slow, 3)}
        rows.append({"capacity": name, **found, "times_faster": round(slow / quick, 1), "on_time": quick <= LONG_MICROSECONDS})
    return rows


def main() -> None:
    """Print one row per bound and form."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="names that contain this text")
    arguments = parser.parse_args()
    rows = []
    for formula in catalogue():
        if arguments.only not in formula.name:
            continue
        for form in formula.forms if formula.name in CASES else ():
            rows.append(row(formula, form, arguments.size))
            if not arguments.json:
                show(rows[-1])
    long = [entry for entry in long_rows() if arguments.only in entry["capacity"]]
    if not arguments.json:
        for entry in long:
            print(entry, flush=True)
    if arguments.json:
        print(
            json.dumps(
                {
                    "array_size": arguments.size,
                    "rows": rows,
                    "long_vectors": long,
                    "all_on_time": all(r["on_time"] for r in rows),
                    "all_within_five": all(r["within_five"] for r in rows),
                },
                indent=1,
            )
        )


def show(entry: dict[str, Any]) -> None:
    """One line of the table."""
    late = "" if entry["on_time"] else f", above {entry['target_ms']} ms"
    alone = f"({entry['times_functions_alone']}x its functions alone)" if entry["times_functions_alone"] else ""
    far = "" if entry["within_five"] else ", above five times numpy"
    at = f" ({entry['certificate_ms_at_1e12']} at 1e12)" if "certificate_ms_at_1e12" in entry else ""
    name = entry["bound"] + (f" [{entry['form']}]" if entry["form"] not in ("", "False") else "")
    print(
        f"{name:50} {entry['certificates_per_second']:>7,}/s {entry['certificate_ms']:>8} ms{at:22} "
        f"{entry['evaluations_per_second']:>12,}/s of {entry['array_size']:>9,} "
        f"{entry['times_numpy']:>6}x numpy {alone}{late}{far}",
        flush=True,
    )


if __name__ == "__main__":
    main()
