"""What a declaration may say: a keyword that is misspelt, is missing or has a wrong value is refused, with what it should be."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

import pytest

from genbounds.bounds import Number, Source, World, bound, capacity, registry
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.bounds.declaration import Declaration
from genbounds.bounds.declared import Declared

WORDS: dict[str, Any] = {
    "source": Source("Doe 2026", "Lemma 3"),
    "assumes": (IID_SAMPLE,),
    "symbols": {"n": "n", "delta": r"\delta"},
    "decreasing": ("n", "delta"),
}
REFUSED = {
    "a list for a mode": ({"mode": ["HP"]}, "mode of (bound|capacity) must be a str"),
    "misspelt": ({"decrasing": ("n",)}, "has no keyword 'decrasing': did you mean 'decreasing'?"),
    "unknown": ({"colour": "red"}, "has no keyword 'colour': use one of source, symbols"),
    "one text for several names": ({"decreasing": "n"}, r"decreasing of \w+ must be a tuple of str, got 'n': write \('n',\)"),
    "a list of names": ({"increasing": ["n"]}, r"increasing of \w+ must be a tuple of str"),
    "one assumption": ({"assumes": IID_SAMPLE}, r"assumes of \w+ must be a tuple of Assumption"),
    "the name of an assumption": ({"assumes": ("iid sample",)}, r"assumes of \w+ must be a tuple of Assumption"),
    "a text for the source": ({"source": "Doe 2026"}, r"source of \w+ must be a Source, got 'Doe 2026': where the theorem stands"),
    "names without symbols": ({"symbols": ("n",)}, r"symbols of \w+ must be a mapping"),
    "a number for a text": ({"holds_for": 1}, r"holds_for of \w+ must be a str, got 1"),
    "another mode": ({"mode": "hp"}, r"mode of \w+ must be one of 'HP', 'EXP', 'DET', got 'hp'"),
    "another subject": ({"bounds_on": "risks"}, r"bounds_on of \w+ must be one of .*got 'risks': did you mean 'risk'\?"),
    "an input that is not there": ({"decreasing": ("n", "detla")}, "must name inputs of its formula, got 'detla': did you mean 'delta'?"),
    "a domain of an input that is not there": ({"domains": {"m": None}}, "domains of .* must name inputs of its formula, got 'm'"),
}


def formula(math: World, *, n: Number, delta: Number) -> dict[str, Number]:
    """A deviation."""
    return {"deviation": math.sqrt(math.log_quotient(1, delta) / (2 * n))}


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is declared here is not entered for other tests."""
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))


@pytest.mark.parametrize("decorator", [bound, capacity])
@pytest.mark.parametrize("fault", REFUSED)
def test_a_wrong_declaration_is_refused_with_a_remedy(decorator: Any, fault: str) -> None:
    words, message = REFUSED[fault]
    with pytest.raises((TypeError, ValueError), match=message.replace("?", r"\?") if r"\?" not in message else message):
        decorator(**{**WORDS, **words})(formula)


@pytest.mark.parametrize("decorator", [bound, capacity])
@pytest.mark.parametrize("name", ["source", "symbols"])
def test_what_is_needed_is_named_with_an_example(decorator: Any, name: str) -> None:
    words = {key: value for key, value in WORDS.items() if key != name}
    with pytest.raises(TypeError, match=rf"{decorator.__name__} needs the keyword {name}: .*for example"):
        decorator(**words)(formula)


def test_the_right_one_is_accepted() -> None:
    assert bound(**WORDS)(formula)(n=50, delta="0.05").value == pytest.approx(0.17308183826022855, rel=1e-12)  # sqrt(ln 20/100)


def test_type_checkers_are_told_the_fields_of_the_declaration() -> None:
    fields = typing.get_type_hints(Declaration)
    assert typing.get_type_hints(Declared) == fields
    needed = {one.name for one in dataclasses.fields(Declaration) if {one.default, one.default_factory} == {dataclasses.MISSING}}
    assert Declared.__required_keys__ == needed
