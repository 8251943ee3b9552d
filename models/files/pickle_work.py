"""How much work a pickle asks for, read from its instructions before any of them is carried out."""

from __future__ import annotations

import pickletools
from typing import Any, BinaryIO

MOST_NODES = 1000
"""Of one tuple, each tuple in it counted as often as it stands there. Those of a saved tensor have some twenty."""
_SAME_OBJECT = frozenset({"APPEND", "APPENDS", "SETITEM", "SETITEMS", "BUILD", "ADDITEMS"})
_TUPLES = frozenset({"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"})
_MARK = -1


def refuse_explosive(stream: BinaryIO) -> None:
    """Raise ``ValueError`` for a pickle with a tuple that unfolds to more than ``MOST_NODES`` parts. Reads up to the end of the pickle.

    A tuple of twice the same tuple, of twice the same tuple, and so on costs a few bytes for each level, and its hash, which is taken
    where it is a key, twice the work. All else that is unpickled without code costs no more than it has instructions.

    >>> import io, pickle
    >>> t = ()
    >>> for _ in range(30):
    ...     t = (t, t)
    >>> refuse_explosive(io.BytesIO(pickle.dumps(t, protocol=2)))
    Traceback (most recent call last):
    ...
    ValueError: a tuple that unfolds to more than 1000 parts, as no saved tensor has
    """
    stack: list[int] = []
    memo: dict[Any, int] = {}
    for opcode, argument, _ in pickletools.genops(stream):
        name = opcode.name
        if name in ("PUT", "BINPUT", "LONG_BINPUT"):
            memo[argument] = _top(stack)
        elif name == "MEMOIZE":
            memo[len(memo)] = _top(stack)
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            if argument not in memo:
                raise ValueError(f"a reference to object {argument}, of which there is none")
            stack.append(memo[argument])
        elif name == "DUP":
            stack.append(_top(stack))
        elif name == "MARK":
            stack.append(_MARK)
        else:
            taken = _taken(stack, opcode)
            if name in _SAME_OBJECT:
                stack.append(1)
                continue
            # A list in a tuple makes it unfit for a key; what code would make of arguments is refused by the reader itself.
            weight = 1 + sum(taken) if name in _TUPLES else 1
            if weight > MOST_NODES:
                raise ValueError(f"a tuple that unfolds to more than {MOST_NODES} parts, as no saved tensor has")
            stack.extend(weight for _ in opcode.stack_after)


def _top(stack: list[int]) -> int:
    if not stack or stack[-1] == _MARK:
        raise ValueError("an instruction about an object where there is none")
    return stack[-1]


def _taken(stack: list[int], opcode: pickletools.OpcodeInfo) -> list[int]:
    """Take from the stack what the instruction takes."""
    taken: list[int] = []
    before = list(opcode.stack_before)
    while before:
        kind = before.pop()
        if kind is pickletools.stackslice:
            while stack and stack[-1] != _MARK:
                taken.append(stack.pop())
            continue
        if not stack or (stack[-1] == _MARK) != (kind is pickletools.markobject):
            raise ValueError(f"an instruction {opcode.name} without what it works on")
        top = stack.pop()
        if top != _MARK:
            taken.append(top)
    return taken
