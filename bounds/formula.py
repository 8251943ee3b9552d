"""What bounds and capacities share: names, inputs and their checks, forms, and the reading in floats, tensors and symbols."""

from __future__ import annotations

import inspect
import operator
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from typing import Any, ClassVar, Literal, Self

import numpy as np

from genbounds.bounds import registry
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bibliography import Source, bibtex
from genbounds.bounds.bounds_on import INSTEAD, LEFT_SIDE
from genbounds.bounds.certificate import Certificate, Input, show
from genbounds.bounds.confidence import Choice
from genbounds.bounds.declaration import Declaration, Form, Terms
from genbounds.bounds.declared import check_names
from genbounds.bounds.exact import ExactOrVector, broadcast_shape, directed, exact_or_vector, refuse_no_number, without_texts
from genbounds.bounds.inputs import VOCABULARY
from genbounds.bounds.membership import Membership, proved
from genbounds.bounds.paid import Paid
from genbounds.bounds.quantity import DirectionError, Quantity
from genbounds.bounds.worlds import FLOATS, array_world
from genbounds.bounds.worlds.blocks import blockwise


class Formula:
    """What bounds and capacities share: names, inputs and their checks, the readings. Made by the decorators.

    ``returns`` is what a call gives. ``inspect.signature``, ``help`` and the repr show what a user passes: the inputs with their defaults
    and the argument that selects a form, without the world and without what the search chooses.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> hoeffding.inputs, hoeffding.family
    (('empirical_risk', 'n', 'delta'), 'holdout')
    """

    returns: ClassVar[Any] = Any

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
        self.forms: dict[Any, Form] = {
            declaration.form: Form(
                formula, declaration.source, declaration.provenance, declaration.assumes, declaration.choose, declaration.membership
            )
        }
        parameters = list(inspect.signature(formula).parameters.values())[1:]
        self.inputs = tuple(p.name for p in parameters if p.name not in declaration.chosen)
        self.defaults = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        self.domains = {name: declaration.domains.get(name, VOCABULARY.get(name)) for name in self.inputs}
        missing = [name for name, domain in self.domains.items() if domain is None or name not in declaration.symbols]
        if missing:
            raise TypeError(f"{self.name}: inputs {missing} have no domain in the vocabulary or no symbol: declare them")
        check_names(self.name, self.inputs, declaration)
        self.vectors = frozenset(name for name, domain in self.domains.items() if domain is not None and domain.vector)
        self.__signature__ = self._signature()
        registry.register(self, declaration.aliases)

    def _signature(self) -> inspect.Signature:
        """What a caller passes and gets."""
        keyword, empty = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
        parameters = [inspect.Parameter(name, keyword, default=self.defaults.get(name, empty)) for name in self.inputs]
        if len(self.forms) > 1:
            one_of = Literal[tuple(self.forms)]  # type: ignore[valid-type]
            parameters.append(inspect.Parameter(self.form_argument, keyword, default=self.declaration.form, annotation=one_of))
        return inspect.Signature(parameters, return_annotation=self.returns)

    def __get__(self, instance: object, owner: type | None = None) -> Self:
        """The formula itself, in a class too: what has this method is a routine, and ``help`` shows a routine's signature."""
        return self

    # --- forms -------------------------------------------------------------------------------------------------------------------

    def other_form(
        self,
        form: Any,
        *,
        provenance: str,
        source: Source | None = None,
        assumes: tuple[Assumption, ...] | None = None,
        choose: Callable[..., dict[str, Any]] | None = None,
        membership: Membership | None = None,
    ) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
        """Decorate the formula of another form of the same theorem (``form="printed"``).

        ``assumes`` replaces the whole list of assumptions where this form rests on others than the default one.
        """

        def add(formula: Callable[..., Terms]) -> Callable[..., Terms]:
            own = self.assumes if assumes is None else assumes
            self.forms[form] = Form(formula, source or self.source, provenance, own, choose, membership)
            self.__signature__ = self._signature()
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

    def _whole(self, name: str, quantity: Quantity) -> Quantity:
        """A bound on a number that counts something, as a whole number: a VC dimension of at most 9.8 is at most 9."""
        domain = self.domains[name]
        if domain is None or not domain.whole or quantity.kind not in ("upper", "lower") or isinstance(quantity.value, tuple):
            return quantity
        value = Fraction(quantity.value)
        return quantity if value.denominator == 1 else replace(quantity, value=floor(value) if quantity.kind == "upper" else ceil(value))

    def wanted(self, name: str) -> tuple[str, ...]:
        """What may stand for an input: what a certificate must bound, or a capacity give; by default what the input is called."""
        return self.declaration.takes.get(name, (name,))

    def _given(self, name: str, given: Any) -> Any:
        """An input as it was given, a certificate as a Quantity; refused if it is known to be another thing than the input."""
        entry = given.as_quantity(in_expectation=self.mode == "EXP") if isinstance(given, Certificate) else given
        if not isinstance(entry, Quantity) or not entry.gives or entry.gives in self.wanted(name):
            return entry
        certified = entry.gives in LEFT_SIDE
        declared = self.declaration.takes.get(name, ())
        rule, remedy = "a number or a Quantity", "no theorem here bounds this input; pass what was measured"
        if declared:
            words = " or on the ".join(word.replace("_", " ") for word in declared)
            rule, remedy = f"a bound on the {words}", f"pass the certificate of a bound on the {words}, or what was measured"
        elif not certified:
            rule = f"a bound on the {name.replace('_', ' ')}"
            remedy = f"pass a capacity that gives {name}, or a number of your own"
        remedy = INSTEAD.get((entry.gives, self.wanted(name)[0]), remedy)
        got = f"got a {entry.how}, which bounds the {entry.gives}" if certified else f"got {entry.how}, which gives {entry.gives}"
        raise DirectionError(f"{name} of {self.name} must be {rule}, {got}: {remedy}")

    def _same_examples(self, kept: Mapping[str, Input], values: Mapping[str, ExactOrVector]) -> None:
        """Refuse an input that was computed at another number of examples than the formula reads it at."""
        for name, entry in kept.items():
            if not isinstance(entry, Quantity) or entry.n is None or "n" not in values:
                continue
            read_at = self.declaration.at[name](values) if name in self.declaration.at else values["n"]
            if read_at is not None and entry.n != read_at:
                at_n = f"{self.name} is read at n={show(values['n'])}"
                other = "" if read_at == values["n"] else f" and needs {name} at {show(read_at)}"
                raise ValueError(
                    f"{name} of {self.name} must be known for the same number of examples, got {entry.how} at n={entry.n} where "
                    f"{at_n}{other}: compute it at that n"
                )

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

    def _exact_inputs(self, arguments: dict[str, Any], *, directed: bool) -> tuple[dict[str, Input], dict[str, ExactOrVector], Paid]:
        """The inputs as they are kept, their exact values, and what their statements and choices cost."""
        kept: dict[str, Input] = {}
        values: dict[str, ExactOrVector] = {}
        paid = Paid()
        for name, given in self._named(arguments).items():
            entry = self._given(name, given)
            if isinstance(entry, Choice):
                entry = self._chosen(name, entry, paid)
            elif name in self.declaration.fixed_in_advance:
                paid.statuses.append((name, "declared", "fixed before the sample"))
            if isinstance(entry, Quantity):
                if directed:
                    self._direction(name, entry)
                entry = self._whole(name, entry)
                paid.input(name, entry)
                kept[name], values[name] = entry, entry.value
            else:
                kept[name] = values[name] = exact_or_vector(entry, name)
        self.check(values)
        self._same_examples(kept, values)
        return kept, values, paid

    def _chosen(self, name: str, choice: Choice, paid: Paid) -> ExactOrVector:
        """The value of a Choice, charged; refused where the theorem has no parameter that had to be fixed in advance."""
        if name not in self.declaration.fixed_in_advance or "delta" not in self.inputs:
            raise ValueError(
                f"{name} of {self.name} must be a number or a Quantity, got a Choice: "
                "the theorem has no free parameter there to pay for; pass the value"
            )
        return paid.choice(name, choice)

    def _choices(self, form: Form, values: Mapping[str, ExactOrVector]) -> dict[str, Any]:
        """What the form's search finds in floats, and what balls prove to be right. An overflow there costs tightness at most."""
        if form.choose is None or form.membership is None:
            return {}
        with np.errstate(all="ignore"):
            found = form.choose(**self._directed_floats(values))
        return proved(self.name, form.membership, values, found)

    def _directed_floats(self, values: Mapping[str, ExactOrVector]) -> dict[str, np.ndarray]:
        """The exact values as doubles, rounded to the side on which a search cannot choose too small.

        That is up for an increasing input and down for all others: a margin, which is declared neither way because its margin risk moves
        with it, is rounded down to the grid. What cannot be rounded so is refused, but for a tiny number that is declared decreasing, a
        delta: to a search that takes it for larger all it finds is valid.
        """
        result = {}
        for name, value in values.items():
            up, tiny = name in self.declaration.increasing, sys.float_info.min if name in self.declaration.decreasing else 0
            entries = [directed(entry, name, up=up or 0 < entry < tiny) for entry in (value if isinstance(value, tuple) else (value,))]
            result[name] = np.array(entries if isinstance(value, tuple) else entries[0], dtype=np.float64)
        return result

    # --- readings ----------------------------------------------------------------------------------------------------------------

    def value(self, **arguments: Any) -> Any:
        """The number alone, fast: broadcasts floats and arrays; on torch tensors it stays on the device and is differentiable.

        Computed in float64 and not rounded up rigorously: it may lie 1e-12 of itself below the certificate of the same doubles, not more
        (iterative members are padded upward). Tensors of a narrower dtype get it rounded up to that dtype.
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
            named[name] = without_texts(given, name)
        world = array_world(named)
        math, lifted = world.adopt(named, self.vectors)

        def read(inputs: dict[str, Any]) -> Any:
            plain = {name: world.to_numpy(entry) for name, entry in inputs.items()}
            self.check(plain, arrays=True)
            chosen = form.choose(**plain) if form.choose else {}
            terms = form.formula(math, **inputs, **{name: math.lift(entry) for name, entry in chosen.items()})
            return reduce(operator.add, terms.values())

        with np.errstate(all="ignore"):
            result = blockwise(read, lifted, self.vectors) if world is FLOATS else read(lifted)
        if world is FLOATS and np.isnan(result).any():  # what overflowed leaves no number: then the bound is infinite, which is safe
            result = np.where(np.isnan(result), np.inf, result)
        result = world.hand_back(result, named)
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
        return rf"{self.left_side} {self.declaration.relation} {' + '.join(terms)}{where}"

    @property
    def left_side(self) -> str:
        """The LaTeX of what is bounded."""
        return self.declaration.left_side or LEFT_SIDE[self.bounds_on]

    def bibtex(self) -> str:
        """The BibTeX of the theorem's source."""
        return bibtex(self.source.key)

    @property
    def statement(self) -> str:
        """The first paragraph of the docstring."""
        return (inspect.getdoc(self) or "").split("\n\n")[0].replace("\n", " ")

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        """Pickle by name."""
        return registry.entry, (self.name,)

    def __repr__(self) -> str:
        """The kind, the catalogue name and the signature."""
        inputs = self.__signature__.replace(return_annotation=inspect.Signature.empty)
        return f"<{type(self).__name__.lower()} {self.name}{inputs} -> {self.returns.__name__}>"
