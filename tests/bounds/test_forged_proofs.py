"""Proofs that someone has made up to deceive: each claims what does not follow, with a checksum that fits, and is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from math import inf, nextafter
from pathlib import Path
from typing import Any

import pytest
from tests.bounds.test_proof import CHECKER, checker, refused, sealed

from genbounds.bounds import holdout

Step = tuple[Any, ...]


def made_up(inputs: dict[str, Any], *steps: Step, claim: str, **changes: Any) -> dict[str, Any]:
    """A proof of one term, from steps ``(op, of, is)``; a step that only moves values has no ``is``."""
    listed = [{"id": i, "op": step[0], "of": step[1], **({"is": step[2]} if len(step) > 2 else {})} for i, step in enumerate(steps)]
    last = {"id": len(listed), "op": "total", "of": [len(listed) - 1], "is": claim}
    value = checker.number(claim.split()[-1])
    nearest = float(value)
    proof = {
        "format": "genbounds proof 1",
        "bits": 128,
        "bound": "made.up",
        "form": "",
        "kind": "certificate",
        "bounds_on": "risk",
        "inputs": inputs,
        "steps": [*listed, last],
        "conditions": {},
        "terms": {"risk": len(listed) - 1},
        "claim": (nearest if value <= nearest else nextafter(nearest, inf)).hex(),
    }
    return sealed({**proof, **changes})


def given(name: str, text: Any) -> Step:
    return ("input", [name], text)


HALF = {"x": "1/2"}
CONTROLS: dict[str, Callable[[], dict[str, Any]]] = {
    "a sum": lambda: made_up(HALF, given("x", "0x1p-1"), ("add", [0, "1"], "0x3p-1"), claim="0x3p-1"),
    "an inverse of kl at 0": lambda: made_up(
        {"x": "1/2", "c": "0"}, given("x", "0x1p-1"), given("c", "0x0p0"), ("kl_inverse", [0, 1], "0x1p-1"), claim="0x1p-1"
    ),
    "an inverse of Bennett's exponent at 0": lambda: made_up(
        {"v": "1/2", "c": "0"}, given("v", "0x1p-1"), given("c", "0x0p0"), ("bennett_inverse", [0, 1], "0x0p0"), claim="0x0p0"
    ),
}
"""The same makings, honest: they are proofs, so that what is refused below is refused for its fault."""

FORGED: dict[str, Callable[[], dict[str, Any]]] = {
    # numbers that are none, or say two things
    "an input that is an interval": lambda: made_up({"x": "1/2 3/4"}, given("x", "0x1p-1 0x3p-2"), claim="0x1p-1 0x3p-2"),
    "an input that is NaN": lambda: made_up({"x": float("nan")}, given("x", "0x1p-1"), claim="0x1p-1"),
    "an input that is a float": lambda: made_up({"x": 0.5}, given("x", "0x1p-1"), claim="0x1p-1"),
    "an input that is the text NaN": lambda: made_up({"x": "nan"}, given("x", "0x1p-1"), claim="0x1p-1"),
    "an input that is infinite": lambda: made_up({"x": "inf"}, given("x", "0x1p-1"), claim="0x1p-1"),
    "an input in another script": lambda: made_up({"x": "\u0661/\u0662"}, given("x", "0x1p-1"), claim="0x1p-1"),
    "an input with a remark in its middle": lambda: made_up({"x": "1/2 999 1/2"}, given("x", "0x1p-1"), claim="0x1p-1"),
    "an input that is a truth": lambda: made_up({"x": True}, given("x", True), ("where", [0, "1/4", "3/4"], "0x1p-2"), claim="0x1p-2"),
    "a constant whose ends are swapped": lambda: made_up(
        {"x": "1/2"}, given("x", "0x1p-1"), ("where", ["1", 0, "8"], None), ("add", [0, "1 -5"], "-0x9p-1"), claim="-0x9p-1"
    ),
    "an interval that a constant with swapped ends narrows": lambda: made_up(
        {"x": "0 10"}, given("x", "0x0p0 0xap0"), ("add", [0, "1 -5"], "0x1p0 0x5p0"), claim="0x1p0 0x5p0"
    ),
    "an enclosure whose ends are swapped": lambda: made_up(HALF, given("x", "0x1p0 0x1p-2"), claim="0x1p0 0x1p-2"),
    "an enclosure of three numbers": lambda: made_up(HALF, given("x", "0x1p-1 0x1p-1 0x1p-1"), claim="0x1p-1"),
    "an enclosure that is a float": lambda: made_up(HALF, given("x", 0.5), claim="0x1p-1"),
    # precisions
    "a product of floats, by a precision that is a float": lambda: made_up(  # (1 + 2^-30)^2 > 1 + 2^-29
        {"x": "0x40000001p-30"},
        given("x", "0x40000001p-30"),
        ("multiply", [0, 0], "0x20000001p-29"),
        claim="0x20000001p-29",
        bits=128.0,
    ),
    "no bits": lambda: made_up({"x": "5"}, given("x", "0x5p0"), ("exp", [0], "0x1p0 0x1p10"), claim="0x1p0 0x1p10", bits=-62),
    "few bits": lambda: made_up(HALF, given("x", "0x1p-1"), claim="0x1p-1", bits=-50),
    "precision as a truth": lambda: made_up(HALF, given("x", "0x1p-1"), claim="0x1p-1", bits=True),
    # functions outside their domain
    "Bennett's inverse below 0": lambda: made_up(
        {"v": "1/2", "c": "0"}, given("v", "0x1p-1"), given("c", "0x0p0"), ("bennett_inverse", [0, 1], "-0x5p0"), claim="-0x5p0"
    ),
    "Bennett's inverse at a negative cost": lambda: made_up(
        {"v": "1/2", "c": "-1"}, given("v", "0x1p-1"), given("c", "-0x1p0"), ("bennett_inverse", [0, 1], "0x0p0"), claim="0x0p0"
    ),
    "kl's inverse at a negative cost": lambda: made_up(
        {"x": "1/2", "c": "-1"}, given("x", "0x1p-1"), given("c", "-0x1p0"), ("kl_inverse", [0, 1], "0x1p-1"), claim="0x1p-1"
    ),
    "kl's lower inverse at a negative cost": lambda: made_up(
        {"x": "1/2", "c": "-1"}, given("x", "0x1p-1"), given("c", "-0x1p0"), ("kl_inverse_lower", [0, 1], "0x1p-1"), claim="0x1p-1"
    ),
    "kl's inverse of a percentage": lambda: made_up(
        {"x": "2", "c": "1"}, given("x", "0x2p0"), given("c", "0x1p0"), ("kl_inverse", [0, 1], "0x1p0"), claim="0x1p0"
    ),
    "a binomial tail at a confidence above 1": lambda: made_up(
        {"k": "1", "m": "9", "d": "2"},
        given("k", "0x1p0"),
        given("m", "0x9p0"),
        given("d", "0x2p0"),
        ("binomial_tail_inverse", [0, 1, 2], "0x0p0 0x1p-99"),
        claim="0x0p0 0x1p-99",
    ),
    "a Sauer sum of a negative dimension": lambda: made_up(
        {"m": "9", "d": "-1"}, given("m", "0x9p0"), given("d", "-0x1p0"), ("log_binomial_sum", [0, 1], "0x0p0"), claim="0x0p0"
    ),
    "a Sauer sum of negatively many points": lambda: made_up(
        {"m": "-1", "d": "1"}, given("m", "-0x1p0"), given("d", "0x1p0"), ("log_binomial_sum", [0, 1], "-0x1p0 -0x1p-1"), claim="-0x1p-1"
    ),
    "a product of negatively many factors": lambda: made_up(
        {"x": "1", "b": "-3"},
        given("x", "0x1p0"),
        given("b", "-0x3p0"),
        ("gamma_quotient", [0, "5", 1], "0x1p0"),
        claim="0x1p0",
    ),
    "xi of negatively many examples": lambda: made_up({"m": "-9"}, given("m", "-0x9p0"), ("xi", [0], "0x1p0"), claim="0x1p0"),
    "a root of a negative number": lambda: made_up({"x": "-1"}, given("x", "-0x1p0"), ("sqrt", [0], "0x0p0"), claim="0x0p0"),
    "a quotient by 0": lambda: made_up({"x": "0"}, given("x", "0x0p0"), ("divide", ["1", 0], "0x0p0"), claim="0x0p0"),
    "a logarithm of 0": lambda: made_up({"x": "0"}, given("x", "0x0p0"), ("log", [0], "0x0p0"), claim="0x0p0"),
    "an exponential that is not computed": lambda: made_up(
        {"x": "-9999999999"}, given("x", "-0x2540be3ffp0"), ("exp", [0], "0x0p0"), claim="0x0p0"
    ),
    "a value that is not known": lambda: made_up({"x": "0"}, given("x", "0x0p0"), ("log", [0], None), claim="0x0p0"),
    # lists and numbers taken for one another
    "the entries before the last of a number": lambda: made_up(
        HALF, given("x", "0x1p-1"), ("before", [0]), ("multiply", [1, "1"], "0x1p-1"), claim="0x1p-1"
    ),
    "the positions of a number": lambda: made_up(
        HALF, given("x", "0x1p-1"), ("positions", [0]), ("sum", [1], "0x3p0"), ("multiply", [2, 0], "0x3p-1"), claim="0x3p-1"
    ),
    "the sum of a number": lambda: made_up(HALF, given("x", "0x1p-1"), ("sum", [0], "0x1p-1"), claim="0x1p-1"),
    "an empty list": lambda: made_up({"x": []}, given("x", []), ("sum", [0], "0x0p0"), claim="0x0p0"),
    # steps
    "a step that refers to itself": lambda: made_up(HALF, given("x", "0x1p-1"), ("add", [1, 0], "0x1p-1"), claim="0x1p-1"),
    "a step that refers forward": lambda: made_up(HALF, given("x", "0x1p-1"), ("add", [2, 0], "0x1p-1"), claim="0x1p-1"),
    "a step that counts from the end": lambda: made_up(HALF, given("x", "0x1p-1"), ("add", [-1, 0], "0x1p-1"), claim="0x1p-1"),
    "a step named by a truth": lambda: made_up(HALF, given("x", "0x1p-1"), ("add", [False, "1"], "0x3p-1"), claim="0x3p-1"),
    "a step named by a float": lambda: made_up(HALF, given("x", "0x1p-1"), ("add", [0.0, "1"], "0x3p-1"), claim="0x3p-1"),
    "one argument too few": lambda: made_up(HALF, given("x", "0x1p-1"), ("subtract", [0], "0x0p0"), claim="0x0p0"),
    "one argument too many": lambda: made_up(HALF, given("x", "0x1p-1"), ("power", [0, "1", "1"], "0x1p-1"), claim="0x1p-1"),
    "no argument": lambda: made_up({}, ("add", [], "0x0p0"), claim="0x0p0"),
    "an operation that there is not": lambda: made_up(HALF, given("x", "0x1p-1"), ("half", [0], "0x1p-2"), claim="0x1p-2"),
    "an input that is not given": lambda: made_up({}, given("x", "0x1p-1"), claim="0x1p-1"),
    "the claim of another step": lambda: made_up(
        {"x": "1/2", "y": "1/4"}, given("x", "0x1p-1"), given("y", "0x1p-2"), claim="0x1p-2", terms={"risk": 0}
    ),
    "a condition that is a number": lambda: made_up(
        {"x": "1/2", "y": "1"}, given("y", "0x1p0"), given("x", "0x1p-1"), claim="0x1p-1", conditions={"index": [0]}
    ),
    "a condition that may fail": lambda: made_up(
        {"x": "1/2", "y": "1"},
        given("y", "0x1p0"),
        ("less", [0, "1/2"], None),
        given("x", "0x1p-1"),
        claim="0x1p-1",
        conditions={"index": [1]},
    ),
    # inputs and names that mislead whoever reads the formula
    "a confidence above 1": lambda: made_up({"delta": "20"}, given("delta", "0x14p0"), claim="0x14p0"),
    "negatively many examples": lambda: made_up({"n": "-9"}, given("n", "-0x9p0"), claim="-0x9p0"),
    "a negative divergence": lambda: made_up({"kl": "-9"}, given("kl", "-0x9p0"), claim="-0x9p0"),
    "an input called like a formula": lambda: made_up({"(kl + 1)": "1/2"}, given("(kl + 1)", "0x1p-1"), claim="0x1p-1"),
    "an input called like a step": lambda: made_up({"s0": "1/2"}, given("s0", "0x1p-1"), claim="0x1p-1"),
    "a term that prints a line of its own": lambda: made_up(
        HALF, given("x", "0x1p-1"), claim="0x1p-1", terms={"risk = x / 2\n  nothing": 0}
    ),
    "a term that prints a formula of its own": lambda: made_up(HALF, given("x", "0x1p-1"), claim="0x1p-1", terms={"risk = x / 2 +": 0}),
    "a bound that prints a line of its own": lambda: made_up(HALF, given("x", "0x1p-1"), claim="0x1p-1", bound="a\n  0 steps hold"),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_what_is_made_up_honestly_is_a_proof(name: str) -> None:
    checker.check(CONTROLS[name]())


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_proof_is_refused(name: str) -> None:
    assert refused(FORGED[name]())


@pytest.mark.slow
def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """A reader of the file would see the first, the checker the second."""
    proof = holdout.hoeffding(empirical_risk="0.02", n=500, delta="0.05").proof()
    honest = json.dumps(proof)
    file = tmp_path / "proof.json"
    for text, said in ((honest, ""), (honest.replace('"inputs": {', '"inputs": {"n": "500000", ', 1), "stands there twice")):
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, "-I", str(CHECKER), str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == (1 if said else 0)
        assert said in done.stderr


def test_no_file_is_not_a_proof_that_holds() -> None:
    done = subprocess.run([sys.executable, "-I", str(CHECKER)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "python check_proof.py proof.json" in done.stderr
