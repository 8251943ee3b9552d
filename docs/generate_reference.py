"""The API reference, generated from the public names: run by Sphinx, or ``python docs/generate_reference.py [FOLDER]``.

A page for each package that has ``__all__``, and on it each of its names: signature, docstring, public methods. A name that several
packages offer is described where it can be imported from the shortest path; bounds and
capacities have pages of their own, and are listed with links.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import pkgutil
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bound_pages import anchor, escape, table, to_myst
from generate_families import write

from genbounds.bounds import Formula

PACKAGES = ("genbounds.bounds", "genbounds.models", "genbounds.verification")
_SECTION = re.compile(r"^(Args|Arguments|Attributes|Returns|Yields|Raises|Parts):$")
_ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: \([^)]*\))?: ?(.*)$", re.DOTALL)


def public() -> dict[str, list[str]]:
    """The names of each package that has ``__all__``, in the order of the packages; the outer before the inner."""
    found = {}
    for top in PACKAGES:
        root = importlib.import_module(top)
        for name in [top, *(f"{top}.{info.name}" for info in pkgutil.iter_modules(root.__path__) if info.ispkg)]:
            if names := getattr(importlib.import_module(name), "__all__", None):
                found[name] = sorted(names)
    return found


def homes() -> dict[str, str]:
    """For each ``package.name`` the one of the same object that is described."""
    shortest: dict[int, str] = {}
    found = {}
    for package, names in public().items():
        for name in names:
            value = getattr(importlib.import_module(package), name)
            key = id(value) if inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value) else hash((package, name))
            found[f"{package}.{name}"] = shortest.setdefault(key, f"{package}.{name}")
    return found


# --- docstrings ----------------------------------------------------------------------------------------------------------------------


def rendered(doc: str) -> str:
    """A docstring in the Google dialect as MyST: prose, lists of arguments, examples as code."""
    blocks = []
    for title, text in _sections(inspect.cleandoc(doc)):
        if title is None:
            blocks.append(text if text.startswith("```") else to_myst(text))
        elif title in ("Returns", "Yields"):
            blocks.append(f"**{title}** {to_myst(_joined(text))}")
        else:
            blocks.append(f"**{title}**\n\n" + "\n".join(_entries(text)))
    return "\n\n".join(blocks)


def _sections(doc: str) -> Iterator[tuple[str | None, str]]:
    """Paragraphs, examples and titled sections, in their order."""
    for block in re.split(r"\n[ \t]*\n", doc):
        lines = block.split("\n")
        if block.lstrip().startswith(">>>"):
            yield None, f"```python\n{inspect.cleandoc(block)}\n```"
            continue
        start = next((place for place, line in enumerate(lines) if _SECTION.match(line)), len(lines))
        if start:
            yield None, "\n".join(lines[:start])
        while start < len(lines):
            end = next((place for place in range(start + 1, len(lines)) if _SECTION.match(lines[place])), len(lines))
            yield lines[start][:-1], "\n".join(lines[start + 1 : end])
            start = end


def _entries(text: str) -> Iterator[str]:
    """One line of a list for each argument."""
    for entry in re.split(r"\n(?=\S)", inspect.cleandoc(text)):
        found = _ENTRY.match(entry)
        yield f"- `{found[1]}`: {to_myst(_joined(found[2]))}" if found else f"- {to_myst(_joined(entry))}"


def _joined(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().split("\n"))


# --- pages ---------------------------------------------------------------------------------------------------------------------------


def label(name: str) -> str:
    """The target of links to a name's section."""
    kind = "class-" if name.rpartition(".")[2][0].isupper() else ""  # labels have no case, and there are both ``Bound`` and ``bound``
    return f"api-{kind}" + name.replace(".", "-").replace("_", "-").lower()


def described(path: str, value: Any) -> str:
    """The section of one name."""
    name = path.rpartition(".")[2]
    head = f"({label(path)})=\n## `{name}`"
    if inspect.ismodule(value):
        return "\n\n".join([head, f"A module, imported with the package: {to_myst(inspect.getdoc(value) or '')}"])
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return "\n\n".join([head, f"A constant: `{_short(value)}`."])
    blocks = [head, _signature(name, value), rendered(inspect.getdoc(value) or "")]
    if inspect.isclass(value):
        blocks += [member for key in vars(value) if (member := _member(value, key))]
    return "\n\n".join(blocks)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 200 else f"{text[:180]} ..."


def _signature(name: str, value: Any) -> str:
    if inspect.isclass(value) and (issubclass(value, enum.Enum | BaseException) or typing.is_typeddict(value)):
        return f"```python\nclass {name}({', '.join(base.__name__ for base in value.__bases__)})\n```"
    try:
        written = str(inspect.signature(value))
    except (TypeError, ValueError):
        written = "(...)"
    written = re.sub(r"'([\w\[\], .|]+)'", r"\1", written)
    if len(name) + len(written) > 100:
        written = _one_line_each(written)
    return f"```python\n{'class ' if inspect.isclass(value) else ''}{name}{written}\n```"


def _one_line_each(signature: str) -> str:
    """A long signature with one line for each argument."""
    pieces, depth, start = [], 0, 1
    for place, letter in enumerate(signature):
        depth += (letter in "([{") - (letter in ")]}")
        if (letter == "," and depth == 1) or (letter == ")" and depth == 0):
            pieces.append(signature[start:place].strip())
            start = place + 1
            if depth == 0:
                break
    return "(\n" + "".join(f"    {piece},\n" for piece in pieces if piece) + ")" + signature[start:]


def _member(owner: type, key: str) -> str | None:
    """A public method or property, if it is documented here."""
    value = inspect.getattr_static(owner, key)
    function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    if key.startswith("_") or not (inspect.isfunction(function) or isinstance(function, property)) or not inspect.getdoc(function):
        return None
    doc = rendered(inspect.getdoc(function) or "")
    if isinstance(function, property):
        return f"### `{owner.__name__}.{key}`\n\n{doc}"
    return f"### `{owner.__name__}.{key}()`\n\n{_signature(key, function)}\n\n{doc}"


def package_page(package: str, names: list[str], home: dict[str, str]) -> str:
    """The page of one package."""
    module = importlib.import_module(package)
    blocks = [f"# `{package}`", to_myst(inspect.getdoc(module) or "")]
    formulas = [getattr(module, name) for name in names if isinstance(getattr(module, name), Formula)]
    others = [name for name in names if not isinstance(getattr(module, name), Formula)]
    elsewhere = [name for name in others if home[f"{package}.{name}"] != f"{package}.{name}"]
    if formulas:
        rows = [(f"[`{formula.name}`](#{anchor(formula)})", escape(_first_sentence(formula))) for formula in formulas]
        blocks.append(table(("bound or capacity", "statement"), rows))
    if elsewhere:
        links = (f"[`{home[f'{package}.{name}']}`](#{label(home[f'{package}.{name}'])})" for name in elsewhere)
        blocks.append(f"Described with the package that offers it first: {', '.join(links)}.")
    blocks += [described(f"{package}.{name}", getattr(module, name)) for name in others if name not in elsewhere]
    return "\n\n".join(blocks) + "\n"


def _first_sentence(formula: Formula) -> str:
    return _joined(inspect.cleandoc(formula.__doc__ or "").split("\n\n")[0])


def generate(folder: Path) -> list[Path]:
    """Write the pages of all packages and their index, and return the paths."""
    packages, home = public(), homes()
    entries = "\n".join(packages)
    index = f"# API reference\n\nEvery public name, by the package to import it from.\n\n```{{toctree}}\n:maxdepth: 1\n\n{entries}\n```\n"
    paths = [write(folder / f"{package}.md", package_page(package, names, home)) for package, names in packages.items()]
    return [write(folder / "index.md", index), *paths]


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "reference"
    print("\n".join(str(path) for path in generate(target)))
