"""A bound or a capacity in a file of the user's: the file is run, and what it defines is taken from it."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path

from genbounds.bounds.theorem import Bound, Capacity


def theorem_from_file(path: Path, name: str | None = None) -> Bound | Capacity:
    """The bound or capacity of that name in a Python file; without a name its only bound, or, where it has none, its only capacity.

    The file's code is run, with everything it does; nothing else here runs a file.

    Args:
        path: a Python file.
        name: the function's name; may be left out where the file defines one bound, or no bound and one capacity.

    Raises:
        ValueError: the file does not exist, fails when it is run, or defines no such bound; the message says which.
    """
    if not path.is_file():
        raise ValueError(f"file must exist, got {path}: give the path of a Python file with a @bound or @capacity function")
    spec = util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"file must be a Python file, got {path}: its name must end in .py")
    module = util.module_from_spec(spec)
    before = sys.modules.get(path.stem)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ValueError(
            f"{path} must be a file that Python can import, got {type(error).__name__}: {error} (run it with python to see where it fails)"
        ) from error
    finally:
        if before is None:
            del sys.modules[path.stem]
        else:
            sys.modules[path.stem] = before
    own = {key: value for key, value in vars(module).items() if isinstance(value, Bound | Capacity) and value.__module__ == path.stem}
    there = ", ".join(own) or "none"
    if name is not None:
        if name not in own:
            remedy = "decorate the function with @bound(...) or @capacity(...)"
            raise ValueError(f"{path} must define a bound named {name}, or a capacity, got {there}: {remedy}")
        return own[name]
    found: list[Bound | Capacity] = [value for value in own.values() if isinstance(value, Bound)] or list(own.values())
    if len(found) != 1:
        raise ValueError(f"{path} must define one bound, or the name must follow a colon, got {there}: write {path}:NAME")
    return found[0]
