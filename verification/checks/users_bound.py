"""A bound in a file of the user's: the file is run, and the bound that it defines is taken from it."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path

from genbounds.bounds.theorem import Bound


def bound_from_file(path: Path, name: str | None = None) -> Bound:
    """The bound of that name in a Python file, or the only one that it defines.

    The file's code is run, with everything it does; nothing else here runs a file.

    Args:
        path: a Python file.
        name: the function's name; may be left out where the file defines one bound.

    Raises:
        ValueError: the file does not exist, fails when it is run, or defines no such bound; the message says which.
    """
    if not path.is_file():
        raise ValueError(f"file must exist, got {path}: give the path of a Python file with one @bound function")
    spec = util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"file must be a Python file, got {path}: its name must end in .py")
    module = util.module_from_spec(spec)
    before = sys.modules.get(path.stem)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{path} must import, got {type(error).__name__}: {error}: run it with python to see where it fails") from error
    finally:
        if before is None:
            del sys.modules[path.stem]
        else:
            sys.modules[path.stem] = before
    found = {key: value for key, value in vars(module).items() if isinstance(value, Bound) and value.__module__ == path.stem}
    if name is not None and name not in found:
        there = ", ".join(found) or "none"
        raise ValueError(f"{path} must define a bound named {name}, got {there}: decorate the function with @bound(...)")
    if len(found) != 1 and name is None:
        there = ", ".join(found) or "none"
        raise ValueError(f"{path} must define one bound, or the name must follow a colon, got {there}: write {path}:NAME")
    return found[name] if name is not None else next(iter(found.values()))
