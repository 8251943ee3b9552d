"""The proof of a certificate's number: exact inputs, the formula as elementary steps, what the value of each lies in, and the claim.

Nothing of it has to be believed. ``docs/check_proof.py`` computes every step again with whole numbers and fractions alone, and prints the
formula that the steps spell, to be compared with the theorem.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from genbounds.bounds.certificate import Certificate
from genbounds.bounds.declaration import Form
from genbounds.bounds.paid import weight_paid
from genbounds.bounds.quantity import Quantity
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.bounds.worlds.ends import Ends
from genbounds.bounds.worlds.records import RecordingWorld, Step, Unprovable

FORMAT = "genbounds proof 1"
MODULUS = 2**127 - 1
_BITS = (128, 192, 256, 512, 1024, 2048, 4096)
_MOVES = ("last", "before", "after", "prepend", "along", "rows", "positions")
"""Steps that only move values about: their enclosures are those of their arguments."""


def prove(certificate: Certificate, form: Form) -> dict[str, Any]:
    """The proof of the certificate's value by the formula of its form, as JSON values; ``ValueError`` where no step list proves it."""
    if not np.isfinite(certificate.value):
        raise ValueError(
            f"the value of {certificate.bound} must be finite to be proved, got {certificate.value}: it says nothing that could be proved"
        )
    given = {name: entry.value if isinstance(entry, Quantity) else entry for name, entry in certificate.inputs.items()}
    claims = []
    for bits in _BITS:
        try:
            data, upper = _read(certificate, form, given, bits)
        except Unprovable as error:
            remedy = "the certificate rests on ball arithmetic alone, which bounds/enclosure.py says"
            raise ValueError(f"every step of {certificate.bound} must be elementary to be proved, but {error}: {remedy}") from error
        if upper is not None and upper <= certificate.value:
            data["claim"] = upper.hex()
            return {**data, "checksum": checksum(data)}
        claims.append(upper)
    raise ValueError(
        f"the steps of {certificate.bound} must give its value {certificate.value!r} to prove it, got {claims[-1]!r} at {_BITS[-1]} bits: "
        "another version of genbounds made the certificate; compute it again"
    )


def checksum(data: Mapping[str, Any]) -> str:
    """What shows that a proof was changed by accident: its JSON as a number, modulo 2^127 - 1."""
    text = json.dumps({key: entry for key, entry in data.items() if key != "checksum"}, sort_keys=True)
    return hex(int.from_bytes(text.encode(), "big") % MODULUS)


def written(proof: Mapping[str, Any]) -> str:
    """The JSON of a proof, with one line for each step."""
    steps = ",\n  ".join(json.dumps(step) for step in proof["steps"])
    lines = [f' "{key}": ' + (f"[\n  {steps}\n ]" if key == "steps" else json.dumps(entry)) for key, entry in proof.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _read(certificate: Certificate, form: Form, given: Mapping[str, Any], bits: int) -> tuple[dict[str, Any], float | None]:
    """The proof without its checksum, and the last step rounded up (None where it is not defined at this precision)."""
    world = RecordingWorld(bits)
    inputs = {**given, **certificate.choices}
    weight = weight_paid(certificate.assumptions)
    inputs.update({} if weight == 1 else {"delta": given["delta"], "weight_of_what_was_chosen": weight})
    read = {name: world.input(name, entry) for name, entry in inputs.items()}
    if weight != 1:
        read["delta"] = read["delta"] * read.pop("weight_of_what_was_chosen")
    stated = form.membership(world, **read) if form.membership else {}
    conditions = {name: [truth.reference for truth in truths] for name, truths in stated.items()}
    terms = {name: world.lift(term) for name, term in form.formula(world, **read).items()}
    for name, term in terms.items():
        if isinstance(term.reference, str):  # a constant: its step says so
            terms[name] = world.point("add", term, 0)
    last = world.total(list(terms.values()))
    kept = _needed(world.steps, [*(reference for ids in conditions.values() for reference in ids), last.reference])
    number = {old: new for new, old in enumerate(kept)}
    steps = [{"id": new, **_step(world.steps[old], number)} for new, old in enumerate(kept)]
    used = {step["of"][0] for step in steps if step["op"] == "input"}
    value = last.value
    upper = arb_to_float_up(value.high) if isinstance(value, Ends) else None
    data = {
        "format": FORMAT,
        "bits": bits,
        "bound": certificate.bound,
        "form": certificate.form,
        "kind": certificate.kind,
        "bounds_on": certificate.bounds_on,
        "inputs": {name: _exact_text(entry) for name, entry in inputs.items() if name in used},
        "steps": steps,
        "conditions": {name: [number[reference] for reference in ids] for name, ids in conditions.items()},
        "terms": dict(zip(terms, steps[-1]["of"], strict=True)),
        "claim": "",
    }
    return data, upper


def _needed(steps: list[Step], roots: list[Any]) -> list[int]:
    """The steps that the roots rest on, in order."""
    needed: set[int] = set()
    waiting = [root for root in roots if isinstance(root, int)]
    while waiting:
        current = waiting.pop()
        if current not in needed:
            needed.add(current)
            waiting += [] if steps[current].op == "input" else [entry for entry in steps[current].of if isinstance(entry, int)]
    return sorted(needed)


def _step(step: Step, number: Mapping[int, int]) -> dict[str, Any]:
    """A step as JSON values."""
    of = [number[entry] if isinstance(entry, int) else entry for entry in step.of]
    data: dict[str, Any] = {"op": step.op, "of": of}
    if step.op not in _MOVES:
        data["is"] = _enclosure(step.value)
    if step.name:
        data["name"] = step.name
    return data


def _enclosure(value: Any) -> Any:
    """An enclosure as JSON values: a text of one number or of two, a truth, null, or a list."""
    if isinstance(value, np.ndarray):
        return [_enclosure(entry) for entry in value]
    if not isinstance(value, Ends):
        return value
    low, high = _dyadic(value.low), _dyadic(value.high)
    return low if low == high else f"{low} {high}"


def _dyadic(point: arb) -> str:
    """A point, hexadecimal with a power of two."""
    mantissa, exponent = map(int, point.man_exp())
    return f"{mantissa:#x}p{exponent}"


def _exact_text(value: Any) -> Any:
    """An exact input: whole or a quotient, a double hexadecimal; or a list of them."""
    if isinstance(value, (tuple, list, np.ndarray)):
        return [_exact_text(entry) for entry in value]
    number = Fraction(value)
    return float(value).hex() if isinstance(value, (float, np.floating)) and number.denominator > 1 else str(number)
