"""A bound, written once: a formula of a number world and named inputs, with its source, its assumptions and its directions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Literal, Unpack

import numpy as np

from genbounds.bounds.certificate import Certificate
from genbounds.bounds.confidence import Choice
from genbounds.bounds.declaration import Form, Terms
from genbounds.bounds.declared import Declared, declaration
from genbounds.bounds.enclosure import enclose, hull_up
from genbounds.bounds.exact import exact
from genbounds.bounds.formula import Formula
from genbounds.bounds.paid import Paid
from genbounds.bounds.proof import prove
from genbounds.bounds.quantity import Charge, DirectionError, Quantity, distinct, total
from genbounds.bounds.sample_size import sample_size
from genbounds.bounds.scope import narrowed, simultaneous
from genbounds.bounds.special.gaussian_sum import doubles


class Bound(Formula):
    """A theorem that bounds a risk, a gap or a number of mistakes. Calling it gives a ``Certificate``.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> hoeffding.name, hoeffding.inputs, hoeffding.bounds_on
    ('holdout.hoeffding', ('empirical_risk', 'n', 'delta'), 'risk')
    >>> hoeffding(empirical_risk="0.02", n=500, delta="0.05").value
    0.07473328305111974
    """

    returns = Certificate

    def __call__(self, **arguments: Any) -> Certificate:
        """The certificate at these inputs: rounded up rigorously, with everything it rests on.

        Inputs are numbers (taken exactly), Quantities, Certificates, or a Choice where the theorem has a free parameter. Raises
        ``DirectionError`` for an input known in the wrong direction and ``ValueError`` for one outside its domain.
        """
        return self._certificate(arguments, directed=True)

    def estimate(self, **arguments: Any) -> Certificate:
        """The same number from inputs of any kind; the result is of kind ``estimate`` and says so wherever it is printed."""
        return self._certificate(arguments, directed=False)

    def sample_size(self, *, target: Any, **arguments: Any) -> int:
        """The smallest n at which the certificate is at most ``target``, the other inputs as given; see ``bounds/sample_size.py``."""
        return sample_size(self, target=target, **arguments)

    def _certificate(self, arguments: dict[str, Any], *, directed: bool) -> Certificate:
        chosen_form, form = self._form(arguments)
        kept, values, paid = self._exact_inputs(arguments, directed=directed)
        own = Fraction(values["delta"]) if "delta" in values else Fraction(0)  # type: ignore[arg-type]
        read = {**values, "delta": own * paid.weight} if own else dict(values)
        choices = self._choices(form, read)
        terms, value = enclose(form.formula, read, choices)
        holds_for = self.declaration.holds_for
        charges = distinct((*paid.charges, *((Charge(own, self.name, simultaneous(holds_for)),) if own else ())))
        delta = total(charges)
        if delta >= 1:
            self._refuse_delta(delta, paid)
        trivial = values[self.trivial] if isinstance(self.trivial, str) else self.trivial
        return Certificate(
            bound=self.name,
            form=str(chosen_form),
            inputs=kept,
            terms=terms,
            value=value,
            mode=self.mode,
            bounds_on=self.bounds_on,
            holds_for=narrowed(holds_for, self.bounds_on, paid.of_one, chosen=paid.weight < 1),
            delta=delta or None,
            trivial=trivial,  # type: ignore[arg-type]
            assumptions=paid.all_assumptions(form.assumes),
            provenance=form.provenance,
            source=form.source,
            kind="certificate" if directed else "estimate",
            choices={name: _python_numbers(entry) for name, entry in choices.items()},
            charges=charges,
        )

    def prove(self, certificate: Certificate) -> dict[str, Any]:
        """The proof of a certificate of this bound; see ``Certificate.proof``."""
        forms = [form for name, form in self.forms.items() if str(name) == certificate.form]
        if certificate.bound != self.name or not forms:
            got = f"one of {certificate.bound} {certificate.form}".rstrip()
            raise ValueError(f"certificate must be one of {self.name}, got {got}: call its own proof()")
        return prove(certificate, forms[0])

    def _refuse_delta(self, delta: Fraction, paid: Paid) -> None:
        remedy = f"give smaller deltas to the inputs of {self.name}"
        if paid.weight < 1 and paid.measured:
            names = ", ".join(paid.measured)
            remedy = (
                f"a measured input must hold for every alternative of a Choice, so that of {names} counts {float(1 / paid.weight):.6g} "
                f"times; measure each at delta times {paid.weight}"
            )
        raise ValueError(f"the shares of delta must add up to less than 1, got {float(delta)}: {remedy}")


class Capacity(Formula):
    """A theorem that bounds a capacity (a VC dimension, a complexity, a KL). Calling it gives a ``Quantity`` of kind ``upper``.

    >>> from genbounds.bounds.vc import dimension_halfspace
    >>> found = dimension_halfspace(inputs=10)
    >>> found.value, found.kind
    (11, 'upper')
    """

    returns = Quantity

    def __call__(self, **arguments: Any) -> Quantity:
        """The capacity at these inputs, rounded up: a Quantity that says what it gives, at which n, and passes estimates and delta on."""
        _, form = self._form(arguments)
        found = self._long(form, arguments)
        if found is not None:
            return found
        kept, values, paid = self._exact_inputs(arguments, directed=False)
        estimated = [name for name, entry in kept.items() if isinstance(entry, Quantity) and not self._admits(name, entry)]
        choices = self._choices(form, values)
        whole, value = hull_up(form.formula, values, choices)
        if not whole and not math.isfinite(value):
            raise ValueError(f"{self.name} must be at most 1.8e308 to be a quantity, got more: look for an overflow in its inputs")
        how = f"{self.name}({', '.join(self.inputs)}){self._remark(choices)}"
        if estimated:
            how += f", from inputs that are not bounds: {', '.join(estimated)}"
        kind: Literal["estimate", "upper"] = "estimate" if estimated else "upper"
        return Quantity(
            int(value) if whole else value,
            kind,
            how,
            charges=paid.charges,
            assumptions=paid.all_assumptions(form.assumes),
            gives=self.declaration.gives,
            n=int(values["n"]) if "n" in values else None,  # type: ignore[arg-type]
        )

    def _long(self, form: Form, arguments: dict[str, Any]) -> Quantity | None:
        """The capacity of long vectors of doubles and plain numbers, where the formula has a way to read them; None elsewhere."""
        if self.declaration.long is None:
            return None
        named = self._named(arguments)
        vectors = {name: doubles(named[name]) for name in self.vectors}
        scalars = {name: entry for name, entry in named.items() if name not in self.vectors}
        if any(entry is None for entry in vectors.values()) or any(
            isinstance(x, (Quantity, Certificate, Choice)) for x in scalars.values()
        ):
            return None
        values: dict[str, Any] = {**vectors, **{name: exact(entry, name) for name, entry in scalars.items()}}
        for name, domain in self.domains.items():
            if domain is not None:
                (domain.check_array if domain.vector else domain.check)(name, values[name])
        for requirement in self.declaration.requires:
            requirement.check({name: values[name] for name in requirement.names})
        with np.errstate(all="ignore"):
            choices = form.choose(**vectors, **self._directed_floats({name: values[name] for name in scalars})) if form.choose else {}
        value = self.declaration.long(**values, **choices)
        if value is None:
            return None
        paid = Paid(statuses=[(name, "declared", "fixed before the sample") for name in self.declaration.fixed_in_advance])
        how = f"{self.name}({', '.join(self.inputs)}){self._remark(choices)}"
        return Quantity(value, "upper", how, assumptions=paid.all_assumptions(form.assumes), gives=self.declaration.gives)

    def _remark(self, choices: Mapping[str, Any]) -> str:
        """What is to be said of the choices, after a semicolon."""
        remark = self.declaration.remark(**choices) if self.declaration.remark else ""
        return f"; {remark}" if remark else ""

    def _admits(self, name: str, quantity: Quantity) -> bool:
        try:
            self._direction(name, quantity)
        except DirectionError:
            return False
        return True


def _python_numbers(value: Any) -> Any:
    """A choice as plain Python numbers, for the certificate."""
    array = np.asarray(value)
    listed = array.tolist()
    return tuple(tuple(row) if isinstance(row, list) else row for row in listed) if isinstance(listed, list) else listed


def bound(**words: Unpack[Declared]) -> Callable[[Callable[..., Terms]], Bound]:
    """Declare a theorem's formula as a bound; the keywords are the fields of ``Declaration``, typed by ``Declared``.

    ``source`` and ``symbols`` (LaTeX of each input) are needed; ``increasing`` and ``decreasing`` name the inputs in which the bound is
    monotone, so that a measured upper or lower bound may stand there. Raises ``TypeError`` or ``ValueError`` for a keyword that is
    misspelt, is missing or has a value of another type.

    >>> from genbounds.bounds.holdout import hoeffding  # declared with ``decreasing=("n", "delta")``
    >>> hoeffding.declaration.decreasing
    ('n', 'delta')
    """
    declared = declaration("bound", words)
    return lambda formula: Bound(formula, declared)


def capacity(**words: Unpack[Declared]) -> Callable[[Callable[..., Terms]], Capacity]:
    """Declare a formula as an upper bound on a capacity; the keywords are the fields of ``Declaration``, ``gives`` among them: the input
    of the catalogue that it can stand for.

    >>> from genbounds.bounds.vc import dimension_halfspace  # declared with ``gives="vc_dimension"``
    >>> dimension_halfspace.declaration.gives
    'vc_dimension'
    """
    declared = declaration("capacity", {"mode": "DET", "trivial": None, **words})
    return lambda formula: Capacity(formula, declared)
