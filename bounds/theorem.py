"""A bound, written once: a formula of a number world and named inputs, with its source, its assumptions and its directions."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any, Literal

import numpy as np

from genbounds.bounds import registry
from genbounds.bounds.assumptions import Assumption, AuditedAssumption, merged
from genbounds.bounds.bibliography import Source, bibtex
from genbounds.bounds.certificate import Certificate, Input, Mode
from genbounds.bounds.confidence import Choice
from genbounds.bounds.enclosure import enclose, hull_up
from genbounds.bounds.exact import Exact, ExactOrVector, broadcast_shape, exact_or_vector, refuse_no_number
from genbounds.bounds.inputs import VOCABULARY, Domain, Requirement
from genbounds.bounds.quantity import Charge, DirectionError, Quantity, distinct, total
from genbounds.bounds.sample_size import sample_size
from genbounds.bounds.worlds import FLOATS, array_world
from genbounds.bounds.worlds.blocks import blockwise

READ = "read in the source"
DERIVED = "derived here"
PRINTED = "as printed, not re-read"

RISK = "risk"
GIBBS_RISK = "Gibbs risk"
MAJORITY_VOTE_RISK = "majority vote risk"
EMPIRICAL_GIBBS_RISK = "empirical Gibbs risk"
EXPECTED_RISK = "expected risk"
EXPECTED_GAP = "expected gap between risk and empirical risk"
MISTAKES = "number of mistakes"
MEAN_RISK_OF_ITERATES = "mean risk of the iterates"
STABILITY = "uniform stability"
LEFT_SIDE = {
    RISK: "R(h)",
    GIBBS_RISK: "R(Q)",
    MAJORITY_VOTE_RISK: r"R(\mathrm{MV}_Q)",
    EMPIRICAL_GIBBS_RISK: r"\widehat{R}_n(Q)",
    EXPECTED_RISK: r"\mathbb{E}\, R(h)",
    EXPECTED_GAP: r"\left|\mathbb{E}\left[R(h) - \widehat{R}_n(h)\right]\right|",
    MISTAKES: "M",
    MEAN_RISK_OF_ITERATES: r"\frac{1}{n}\sum_{t=1}^{n} R(h_{t-1})",
    STABILITY: r"\beta",
}

BOUNDED_BY_INPUT = {"stability": STABILITY, "empirical_risk": EMPIRICAL_GIBBS_RISK, "expected_risk": EXPECTED_RISK}
"""What a certificate must bound to stand for an input of this name."""

Terms = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """One reading of a theorem: its formula, where the constants come from, and the search for what may be chosen freely."""

    formula: Callable[..., Terms]
    source: Source
    provenance: str
    choose: Callable[..., dict[str, Any]] | None = None


@dataclass(frozen=True)
class Declaration:
    """What the decorator was told; the fields are those of ``bound`` and ``capacity``.

    ``increasing`` and ``decreasing`` say where a measured upper or lower bound may stand. ``by_inclusion`` names those of them where this
    is so because the class of hypotheses only grows, though a search or a grid keeps the number itself from being monotone. ``chosen``
    gives the LaTeX of what ``choose`` returns: a mark ' at its end says that it is a vector over the layers, a mark * a matrix over levels
    and layers.
    """

    source: Source
    symbols: Mapping[str, str]
    assumes: tuple[Assumption, ...] = ()
    increasing: tuple[str, ...] = ()
    decreasing: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()
    domains: Mapping[str, Domain] = field(default_factory=dict)
    requires: tuple[Requirement, ...] = ()
    fixed_in_advance: tuple[str, ...] = ()
    provenance: str = READ
    choose: Callable[..., dict[str, Any]] | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)
    form_argument: str = "form"
    form: Any = ""
    bounds_on: str = RISK
    holds_for: str = "the given hypothesis"
    mode: Mode = "HP"
    trivial: Exact | str | None = 1
    by_inclusion: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    left_side: str = ""


class Formula:
    """What bounds and capacities share: names, inputs and their checks, the four readings. Made by the decorators."""

    def __init__(self, formula: Callable[..., Terms], declaration: Declaration) -> None:
        """Read the inputs from the signature and enter the catalogue."""
        self.__wrapped__ = formula
        self.__doc__ = formula.__doc__
        self.__name__ = formula.__name__
        self.__qualname__ = formula.__qualname__
        self.__module__ = formula.__module__
        self.declaration = declaration
        self.name = registry.name_of(formula.__module__, formula.__name__)
        self.family = self.name.split(".")[0]
        self.source = declaration.source
        self.bounds_on = declaration.bounds_on
        self.assumes = declaration.assumes
        self.mode = declaration.mode
        self.trivial = declaration.trivial
        self.forms: dict[Any, Form] = {declaration.form: Form(formula, declaration.source, declaration.provenance, declaration.choose)}
        parameters = list(inspect.signature(formula).parameters.values())[1:]
        self.inputs = tuple(p.name for p in parameters if p.name not in declaration.chosen)
        self.defaults = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        self.domains = {name: declaration.domains.get(name, VOCABULARY.get(name)) for name in self.inputs}
        missing = [name for name, domain in self.domains.items() if domain is None or name not in declaration.symbols]
        if missing:
            raise TypeError(f"{self.name}: inputs {missing} have no domain in the vocabulary or no symbol: declare them")
        self.vectors = frozenset(name for name, domain in self.domains.items() if domain is not None and domain.vector)
        registry.register(self, declaration.aliases)

    # --- forms -------------------------------------------------------------------------------------------------------------------

    def other_form(
        self,
        form: Any,
        *,
        provenance: str,
        source: Source | None = None,
        choose: Callable[..., dict[str, Any]] | None = None,
    ) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
        """Decorate the formula of another form of the same theorem (``form="printed"``)."""

        def add(formula: Callable[..., Terms]) -> Callable[..., Terms]:
            self.forms[form] = Form(formula, source or self.source, provenance, choose)
            return formula

        return add

    @property
    def form_argument(self) -> str:
        """The name of the argument that selects a form."""
        return self.declaration.form_argument

    @property
    def provenance(self) -> str:
        """Where the constants of the default form come from."""
        return self.forms[self.declaration.form].provenance

    def _form(self, arguments: dict[str, Any]) -> tuple[Any, Form]:
        chosen = arguments.pop(self.form_argument, self.declaration.form)
        if chosen not in self.forms:
            known = ", ".join(repr(form) for form in self.forms)
            raise ValueError(f"{self.form_argument} must be one of {known} for {self.name}, got {chosen!r}: use one of these")
        return chosen, self.forms[chosen]

    # --- inputs ------------------------------------------------------------------------------------------------------------------

    def _named(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The inputs in the order of the signature, defaults filled in; ``TypeError`` for a missing or unknown one."""
        unknown = [name for name in arguments if name not in self.inputs]
        missing = [name for name in self.inputs if name not in arguments and name not in self.defaults]
        if unknown or missing:
            wrong = [f"no input {name!r}" for name in unknown] + [f"missing input {name!r}" for name in missing]
            raise TypeError(f"{self.name}: {', '.join(wrong)}; its inputs are {', '.join(self.inputs)}")
        return {name: arguments.get(name, self.defaults.get(name)) for name in self.inputs}

    def _direction(self, name: str, quantity: Quantity) -> None:
        """Refuse a quantity that may err on the unsafe side."""
        admitted = {"exact"}
        if name in self.declaration.increasing:
            admitted.add("upper")
        if name in self.declaration.decreasing:
            admitted.add("lower")
        if quantity.kind in admitted:
            return
        wanted = " or ".join(sorted(admitted))
        raise DirectionError(
            f"{name} of {self.name} must be known as {wanted}, got one of kind {quantity.kind!r} ({quantity.how}): "
            f"measure it as {wanted}, or call .estimate(...), whose result says that it certifies nothing"
        )

    def _from_certificate(self, name: str, certificate: Certificate) -> Quantity:
        """A certificate as an input; refused where the input is another thing than what it bounds."""
        wanted = BOUNDED_BY_INPUT.get(name)
        if wanted is not None and certificate.bounds_on != wanted:
            raise DirectionError(
                f"{name} of {self.name} must be a bound on the {wanted}, got a certificate of {certificate.bound}, which bounds the "
                f"{certificate.bounds_on}: pass the certificate of a bound on the {wanted}, or a measured number"
            )
        return certificate.as_quantity(in_expectation=self.mode == "EXP")

    def check(self, values: Mapping[str, Any], *, arrays: bool = False) -> None:
        """Raise ``ValueError`` unless every value lies in its domain and the values fit together."""
        for name, domain in self.domains.items():
            assert domain is not None
            if arrays:
                domain.check_array(name, values[name])
            else:
                domain.check(name, values[name])
        if arrays:
            broadcast_shape({name: np.shape(value)[:-1] if name in self.vectors else np.shape(value) for name, value in values.items()})
        for requirement in self.declaration.requires:
            requirement.check(values)

    def _exact_inputs(self, arguments: dict[str, Any], *, directed: bool) -> tuple[dict[str, Input], dict[str, ExactOrVector], _Paid]:
        """The inputs as they are kept, their exact values, and what their statements and choices cost."""
        kept: dict[str, Input] = {}
        values: dict[str, ExactOrVector] = {}
        paid = _Paid()
        for name, given in self._named(arguments).items():
            entry = self._from_certificate(name, given) if isinstance(given, Certificate) else given
            if isinstance(entry, Choice):
                entry = paid.choice(self, name, entry)
            elif name in self.declaration.fixed_in_advance:
                paid.statuses.append((name, "declared", "fixed before the sample"))
            if isinstance(entry, Quantity):
                if directed:
                    self._direction(name, entry)
                paid.charges += entry.charges
                paid.assumptions += entry.assumptions
                kept[name], values[name] = entry, entry.value
            else:
                kept[name] = values[name] = exact_or_vector(entry, name)
        self.check(values)
        return kept, values, paid

    def _directed_floats(self, values: Mapping[str, ExactOrVector]) -> dict[str, np.ndarray]:
        """The exact values as doubles, rounded to the side on which a search cannot choose too small.

        That is up for an increasing input and down for all others: a margin, which is declared neither way because its margin risk moves
        with it, is rounded down to the grid.
        """
        result = {}
        for name, value in values.items():
            side = np.inf if name in self.declaration.increasing else -np.inf
            entries = [_directed(entry, side) for entry in (value if isinstance(value, tuple) else (value,))]
            result[name] = np.array(entries if isinstance(value, tuple) else entries[0], dtype=np.float64)
        return result

    # --- readings ----------------------------------------------------------------------------------------------------------------

    def value(self, **arguments: Any) -> Any:
        """The number alone, fast: broadcasts floats and arrays; on torch tensors it stays on the device and is differentiable.

        Not rounded up rigorously (elementary formulas within 1e-12 relative of the certificate; iterative members padded upward).
        Takes plain numbers, arrays or tensors, the layer of a vector input as last axis; ``ValueError`` for values outside a domain.
        """
        _, form = self._form(arguments)
        named = self._named(arguments)
        for name, given in named.items():
            if isinstance(given, (Quantity, Certificate, Choice)):
                raise TypeError(
                    f"{name} of {self.name}.value must be a plain number or array, got a {type(given).__name__}: "
                    f"call {self.name}(...) for a certificate"
                )
            refuse_no_number(given, name)
        world = array_world(named)
        math, lifted = world.adopt(named, self.vectors)

        def read(inputs: dict[str, Any]) -> Any:
            plain = {name: world.to_numpy(entry) for name, entry in inputs.items()}
            self.check(plain, arrays=True)
            chosen = form.choose(**plain) if form.choose else {}
            terms = form.formula(math, **inputs, **{name: math.lift(entry) for name, entry in chosen.items()})
            return reduce(operator.add, terms.values())

        result = blockwise(read, lifted, self.vectors) if world is FLOATS else read(lifted)
        return float(result) if isinstance(result, np.ndarray | np.generic) and np.ndim(result) == 0 else result

    def _symbolic(self, form: Any) -> tuple[list[str], list[str]]:
        """LaTeX of the terms of a form, and of the definitions it uses."""
        import sympy

        from genbounds.bounds.worlds.symbols import SymbolWorld, symbol, to_latex

        reading = self.forms[form]
        names: dict[str, Any] = {}
        for name in list(inspect.signature(reading.formula).parameters)[1:]:
            latex = self.declaration.symbols.get(name) or self.declaration.chosen[name]
            kind = latex[-1] if name in self.declaration.chosen else ""
            names[name] = symbol(latex.rstrip("*'"), vector=name in self.vectors or kind == "'", matrix=kind == "*")
        world = SymbolWorld()
        with sympy.evaluate(False):
            terms = [to_latex(world.lift(value)) for value in reading.formula(world, **names).values()]
            definitions = [f"{to_latex(name)} = {to_latex(value)}" for name, value in world.definitions]
        return terms, definitions

    def latex(self, form: Any = None) -> str:
        """The formula in LaTeX, as the source prints it: left side, inequality, terms, and what its letters stand for.

        ``form`` selects another form than the default.
        """
        form = self.declaration.form if form is None else form
        if form not in self.forms:
            raise ValueError(f"{self.form_argument} must be one of {', '.join(map(repr, self.forms))}, got {form!r}: use one of these")
        terms, definitions = self._symbolic(form)
        where = r",\quad \text{where } " + r",\; ".join(definitions) if definitions else ""
        return rf"{self.declaration.left_side or LEFT_SIDE[self.bounds_on]} \le {' + '.join(terms)}{where}"

    def bibtex(self) -> str:
        """The BibTeX of the theorem's source."""
        return bibtex(self.source.key)

    @property
    def statement(self) -> str:
        """The first paragraph of the docstring."""
        return (inspect.getdoc(self) or "").split("\n\n")[0].replace("\n", " ")

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        """Pickle by name."""
        return registry.get, (self.name,)

    def __repr__(self) -> str:
        """The kind and the catalogue name."""
        return f"<{type(self).__name__.lower()} {self.name}({', '.join(self.inputs)})>"


@dataclass
class _Paid:
    """What the inputs of one call cost."""

    charges: tuple[Charge, ...] = ()
    assumptions: tuple[AuditedAssumption, ...] = ()
    weight: Fraction = Fraction(1)
    statuses: list[tuple[str, Literal["declared"], str]] = field(default_factory=list)

    def all_assumptions(self, own: tuple[Assumption, ...]) -> tuple[AuditedAssumption, ...]:
        """The theorem's own assumptions, what had to be fixed in advance, and what the inputs assume."""
        fixed = [
            AuditedAssumption(Assumption(f"{name} fixed in advance", f"{name} was fixed before the sample was seen."), status, how)
            for name, status, how in self.statuses
        ]
        return merged([*map(AuditedAssumption, own), *fixed], self.assumptions)

    def choice(self, formula: Formula, name: str, choice: Choice) -> ExactOrVector:
        """Charge a data-chosen value, or refuse it."""
        if name not in formula.declaration.fixed_in_advance or "delta" not in formula.inputs:
            raise ValueError(
                f"{name} of {formula.name} must be a number or a Quantity, got a Choice: "
                "the theorem has no free parameter there to pay for; pass the value"
            )
        weight = Fraction(choice.weight)
        self.weight *= weight
        # The union is paid here; that the alternatives were fixed beforehand is the user's word.
        self.statuses.append((name, "declared", f"chosen from {choice.how}; paid by reading the bound at delta times {weight}"))
        return choice.value


class Bound(Formula):
    """A theorem that bounds a risk, a gap or a number of mistakes. Calling it gives a ``Certificate``."""

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
        choices = form.choose(**self._directed_floats(read)) if form.choose else {}
        terms, value = enclose(form.formula, read, choices)
        charges = distinct((*paid.charges, *((Charge(own, self.name),) if own else ())))
        delta = total(charges)
        if delta >= 1:
            raise ValueError(
                f"the shares of delta must add up to less than 1, got {float(delta)}: give smaller deltas to the inputs of {self.name}"
            )
        trivial = values[self.trivial] if isinstance(self.trivial, str) else self.trivial
        return Certificate(
            bound=self.name,
            form=str(chosen_form),
            inputs=kept,
            terms=terms,
            value=value,
            mode=self.mode,
            bounds_on=self.bounds_on,
            holds_for=self.declaration.holds_for,
            delta=delta or None,
            trivial=trivial,  # type: ignore[arg-type]
            assumptions=paid.all_assumptions(self.assumes),
            provenance=form.provenance,
            source=form.source,
            kind="certificate" if directed else "estimate",
            choices={name: _plain(entry) for name, entry in choices.items()},
            charges=charges,
        )


class Capacity(Formula):
    """A theorem that bounds a capacity (a VC dimension, a complexity, a KL). Calling it gives a ``Quantity`` of kind ``upper``."""

    def __call__(self, **arguments: Any) -> Quantity:
        """The capacity at these inputs, rounded up, as a Quantity that passes ``estimate`` and delta on."""
        _, form = self._form(arguments)
        kept, values, paid = self._exact_inputs(arguments, directed=False)
        estimated = [name for name, entry in kept.items() if isinstance(entry, Quantity) and not self._admits(name, entry)]
        choices = form.choose(**self._directed_floats(values)) if form.choose else {}
        whole, value = hull_up(form.formula, values, choices)
        how = f"{self.name}({', '.join(self.inputs)})"
        if estimated:
            how += f", from inputs that are no bounds: {', '.join(estimated)}"
        kind: Literal["estimate", "upper"] = "estimate" if estimated else "upper"
        assumptions = paid.all_assumptions(self.assumes)
        return Quantity(int(value) if whole else value, kind, how, charges=paid.charges, assumptions=assumptions)

    def _admits(self, name: str, quantity: Quantity) -> bool:
        try:
            self._direction(name, quantity)
        except DirectionError:
            return False
        return True


def _directed(value: Exact, side: float) -> float:
    """A double at or beyond the exact value on the given side."""
    near = float(value)
    if (side > 0 and Fraction(near) < value) or (side < 0 and Fraction(near) > value):
        return float(np.nextafter(near, side))
    return near


def _plain(value: Any) -> Any:
    """A choice as plain Python numbers, for the certificate."""
    array = np.asarray(value)
    listed = array.tolist()
    return tuple(tuple(row) if isinstance(row, list) else row for row in listed) if isinstance(listed, list) else listed


def bound(**declaration: Any) -> Callable[[Callable[..., Terms]], Bound]:
    """Declare a theorem's formula as a bound; the keywords are the fields of ``Declaration``.

    ``source`` and ``symbols`` (LaTeX of each input) are needed; ``increasing`` and ``decreasing`` name the inputs in which the bound is
    monotone, so that a measured upper or lower bound may stand there.
    """
    return lambda formula: Bound(formula, Declaration(**declaration))


def capacity(**declaration: Any) -> Callable[[Callable[..., Terms]], Capacity]:
    """Declare a formula as an upper bound on a capacity; the keywords are the fields of ``Declaration``."""
    return lambda formula: Capacity(formula, Declaration(**{"mode": "DET", "trivial": None, **declaration}))
