"""From a module to a ``Graph``: each operation of the exported program goes to the reader of its kind; what comes out is checked."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import Node as FxNode

from genbounds.models.tracing._export import Exported, exported
from genbounds.models.tracing._program import ASSERTION, UNKNOWN, label_of, name_of, path_of
from genbounds.models.tracing._tokens import is_computed_of_tokens, remembered
from genbounds.models.tracing.graph import Graph, Ref, references
from genbounds.models.tracing.held import held, parameters_of
from genbounds.models.tracing.operations import HANDLERS
from genbounds.models.tracing.outputs import Output
from genbounds.models.tracing.own_copy import OwnNetwork, first_line
from genbounds.models.tracing.reader import Call, Pieces, Reader, flat, in_double


def read_graph(model: nn.Module, example: Tensor, name: str = "model", output: Output = None) -> Graph:
    """Trace ``model`` on a batch (n, ...) and read every operation that its output depends on; ``output`` is that of ``summarize``.

    Raises ``ValueError`` naming the path of the module that can't be bounded, and why.

    >>> graph = read_graph(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), torch.zeros(2, 3))
    >>> [node.kind for node in graph.nodes], [weight.path for weight in graph.weights]
    (['input', 'linear', 'relu', 'linear'], ['0', '2'])
    """
    return read_own(OwnNetwork.of(model, name, output), example)


def read_own(own: OwnNetwork, example: Tensor) -> Graph:
    """``read_graph`` for a private copy of the network."""
    traced, name = exported(own, example), own.name
    reader = Reader(in_double(traced.probe.clone()), torch.finfo(own.dtype).eps)
    with torch.no_grad():
        try:
            output = _in_columns(reader, _walk(reader, traced), name)
            graph = _pruned(reader, output, sum(parameter.numel() for parameter in parameters_of(own.module).values()))
            graph = replace(graph, batch=len(traced.probe) if traced.is_fixed else None)
            _check_output(graph, traced, name)
        except (ValueError, torch.OutOfMemoryError):
            raise
        except Exception as error:  # torch's own, about operations on values that no reader foresaw
            where = reader.where or name
            raise ValueError(
                f"{where} can't be bounded: {type(error).__name__}: {first_line(error)}; write it with other operations"
            ) from error
    return graph


def _walk(reader: Reader, traced: Exported) -> Ref:
    """Read the operations in order; returns the output's node."""
    environment = _Values()
    program, name = traced.program, traced.own.name
    signature = program.graph_signature
    paths = {found.value.data_ptr(): found.path for found in held(traced.own.module) if isinstance(found.value, Tensor)}
    # Tensors that a module holds in addition to its parameters and buffers, or its code makes, may be trained as well: they are lifted.
    lifted = signature.inputs_to_lifted_tensor_constants
    owners = {**signature.inputs_to_parameters, **signature.inputs_to_buffers, **lifted}
    for node in program.graph.nodes:
        if node.op == "placeholder":
            if node.name in owners:
                tensor = program.state_dict.get(owners[node.name], program.constants.get(owners[node.name]))
                environment[node] = reader.mark_trained(in_double(tensor))
                reader.names[id(environment[node])] = _path_of(owners[node.name], tensor, paths)
            else:
                environment[node] = Ref(0)
        elif node.op == "call_function":
            environment[node] = _read(reader, node, environment, name)
        elif node.op == "output":
            return _output(node, environment, signature.user_outputs[0], name)
        else:
            raise ValueError(f"{name} must be traceable to aten operations, got a graph node {node.op} {node.target}: rewrite its forward")
    raise AssertionError("an exported program ends in an output")


def _in_columns(reader: Reader, output: Ref, name: str) -> Ref:
    """One logit for each example, (n,), as the column (n, 1)."""
    if reader.probe(output).ndim != 1:
        return output
    call = Call("unsqueeze", None, {}, "", name, lambda _: False)
    return reader.emit(call, "shape", lambda v: v[:, None], (output,))


def _path_of(owner: str, tensor: Tensor | None, paths: dict[int, str]) -> str:
    """The path of a tensor: torch.export numbers those of layers that are not registered (in a Python list, say)."""
    return paths.get(tensor.data_ptr(), owner) if owner.startswith("lifted_tensor") and tensor is not None else owner


def _output(node: FxNode, environment: dict[FxNode, Any], logits: Any, name: str) -> Ref:
    results = [entry for entry in node.args[0] if isinstance(entry, FxNode) and entry.name == logits]  # type: ignore[union-attr]
    if not results or not isinstance(environment[results[0]], Ref):
        raise ValueError(f"{name} must return one tensor of logits that depends on the input, got one that does not: return the logits")
    found = environment[results[0]]
    assert isinstance(found, Ref)
    return found


def _read(reader: Reader, node: FxNode, environment: _Values, name: str) -> Any:
    """One operation: folded if it is constant, kept as it is if it depends on the batch size only, else read by its handler."""
    arguments = _translate(node.args, environment)
    keywords = _translate(node.kwargs, environment)
    path = path_of(node)
    if node.target is operator.getitem and isinstance(arguments[0], Pieces):
        return arguments[0].parts.get(arguments[1], Pieces({}))  # nothing may read a part that no reader gives
    everything = (arguments, keywords)
    label = label_of(node, name)
    tags = getattr(node.target, "tags", ())
    if torch.Tag.nondeterministic_seeded in tags and name_of(node.target) not in HANDLERS:
        raise ValueError(
            f"{label} can't be bounded: {name_of(node.target)} draws random numbers in eval mode: make the forward deterministic"
        )
    reader.where = label
    if name_of(node.target) == ASSERTION:
        return None
    if any(isinstance(part, Pieces) for part in flat(everything)):
        taken = "takes a result that has no bound (the places of maxima, say): take the values"
        raise ValueError(f"{label} can't be bounded: {name_of(node.target)} {taken}")
    if not references(everything):
        value = in_double(node.target(*arguments, **keywords))  # type: ignore[operator]
        if reader.any_trained(everything):
            value = reader.mark_trained(value)
            if isinstance(value, (int, torch.SymInt)) and not isinstance(value, float):
                raise ValueError(f"{label} can't be bounded: {name_of(node.target)} makes a whole number of trained ones: write it down")
        if isinstance(value, Tensor):
            _inherit_name(reader, value, everything)
        reader.kept.append(value)
        return value
    named, users = _by_name(node.target, arguments, keywords), _only_user(node, environment)
    call = Call(name_of(node.target), node.target, named, path, label, users)
    is_size = call.name.startswith("sym_")  # of whatever tensor: it is one of the batch
    if not is_size and is_computed_of_tokens(reader, call):
        return remembered(reader, call, reader.fixed(_lifted(node.target), arguments, keywords, label, of_tokens=True))
    if is_size or (not reader.data(everything) and not reader.token_nodes(everything)):
        return reader.fixed(_lifted(node.target), arguments, keywords, label)
    if call.name not in HANDLERS:
        raise call.refuse(UNKNOWN)
    before = len(reader.nodes)
    try:
        result = HANDLERS[call.name](reader, call)
        _mark_learned(reader, everything, before)
        return result
    except ValueError:
        raise
    except Exception as error:
        raise call.refuse(f"is called in a way that is not understood here ({type(error).__name__}: {error})") from error


def _lifted(function: Any) -> Callable[..., Any]:
    """What makes tensors of the default dtype makes them in float64: the network is that of real arithmetic."""
    return lambda *arguments, **keywords: in_double(function(*arguments, **keywords))


def _mark_learned(reader: Reader, everything: Any, before: int) -> None:
    """An operation with a trained number in it that is not a weight and no shift (a trained threshold) is not a fixed operation."""
    made = reader.nodes[before:]
    if reader.any_trained(everything) and made and all(node.weight is None and "trained" not in node.options for node in made):
        reader.nodes[-1] = replace(made[-1], options={**made[-1].options, "learned": True})


def _translate(argument: Any, environment: dict[FxNode, Any]) -> Any:
    if isinstance(argument, FxNode):
        return environment[argument]
    if isinstance(argument, torch.dtype) and argument.is_floating_point:
        return torch.float64  # a cast to another floating-point type is the identity of real arithmetic
    if isinstance(argument, (tuple, list)):
        return (
            type(argument)(_translate(entry, environment) for entry in argument)
            if type(argument) in (tuple, list)
            else [_translate(entry, environment) for entry in argument]
        )
    if isinstance(argument, dict):
        return {key: _translate(value, environment) for key, value in argument.items()}
    return argument


def _inherit_name(reader: Reader, value: Tensor, everything: Any) -> None:
    """A transposed or reshaped parameter keeps its name."""
    named = [part for part in flat(everything) if isinstance(part, Tensor) and id(part) in reader.names]
    if named:
        reader.names.setdefault(id(value), reader.names[id(named[0])])


def _by_name(target: Any, arguments: Any, keywords: dict[str, Any]) -> dict[str, Any]:
    """All arguments of an operation by their names in its schema, defaults included."""
    schema = getattr(target, "_schema", None)
    if schema is None:
        return {str(position): value for position, value in enumerate(arguments)} | keywords
    found = {}
    for position, argument in enumerate(schema.arguments):
        if position < len(arguments):
            found[argument.name] = arguments[position]
        else:
            found[argument.name] = keywords.get(argument.name, argument.default_value if argument.has_default_value() else None)
    return found


def _only_user(node: FxNode, environment: _Values) -> Callable[[Ref], bool]:
    def holds(ref: Ref) -> bool:
        holders = environment.holders[ref.index]
        users = {user for holder in holders for user in holder.users}
        return all(user is node or user in holders for user in users)

    return holds


class _Values(dict[FxNode, Any]):
    """What every node of the program has become, and which of them have become a node of the graph."""

    def __init__(self) -> None:
        super().__init__()
        self.holders: dict[int, list[FxNode]] = defaultdict(list)

    def __setitem__(self, node: FxNode, value: Any) -> None:
        super().__setitem__(node, value)
        if isinstance(value, Ref):
            self.holders[value.index].append(node)


def _pruned(reader: Reader, output: Ref, parameters: int) -> Graph:
    """Only what the output depends on, renumbered; refuses the operations that have no bound and are really used."""
    wanted, stack = {0}, [output.index]
    while stack:
        index = stack.pop()
        if index not in wanted:
            wanted.add(index)
            stack += references((reader.nodes[index].arguments, reader.nodes[index].keywords))
    order = sorted(wanted)
    place = {old: new for new, old in enumerate(order)}
    uses = [reader.nodes[index].weight for index in order if reader.nodes[index].weight is not None]
    number = {old: new for new, old in enumerate(uses)}
    nodes = []
    for index in order:
        node = reader.nodes[index]
        if "refused" in node.options:
            raise ValueError(node.options["refused"])
        nodes.append(
            replace(
                node,
                arguments=_renumber(node.arguments, place),
                keywords=_renumber(node.keywords, place),
                sources=tuple(place[source] for source in node.sources),
                weight=None if node.weight is None else number[node.weight],
                anchor=None if node.anchor is None else place[node.anchor],
            )
        )
    return Graph(
        nodes=tuple(nodes),
        output=place[output.index],
        weights=tuple(reader.weights[use] for use in uses if use is not None),
        parameters=parameters,
        example_shape=tuple(reader.probes[0].shape[1:]),
        one_hot=reader.one_hot,
    )


def _renumber(argument: Any, place: dict[int, int]) -> Any:
    if isinstance(argument, Ref):
        return Ref(place[argument.index])
    if isinstance(argument, (tuple, list)):
        return type(argument)(_renumber(entry, place) for entry in argument)
    if isinstance(argument, dict):
        return {key: _renumber(value, place) for key, value in argument.items()}
    return argument


def _check_output(graph: Graph, traced: Exported, name: str) -> None:
    """The output must be (n, K), and each row a function of its own example alone, whatever the batch."""
    probe = in_double(traced.probe)
    outputs = graph.outputs(probe)
    if outputs.ndim != 2 or len(outputs) != len(probe):
        raise ValueError(
            f"{name} must return logits of shape (n, K), one row per example, got {tuple(outputs.shape)} for {len(probe)} examples: "
            "flatten or average the other axes"
        )
    if graph.nodes[graph.output].kind in _NO_LOGITS:
        node = graph.nodes[graph.output]
        raise ValueError(
            f"{node.path} must not come last: margins are those of the logits, so summarize the network without what follows its last "
            f"weight, got {node.kind}"
        )
    if not probe.is_floating_point() and not any(weight.kind == "embedding" for weight in graph.weights):
        raise ValueError(
            f"{name} must embed its whole-number inputs, got a forward that only uses what it computes from them: look them up in an "
            "nn.Embedding, or give it floating-point inputs"
        )
    if not graph.weights:
        raise ValueError(f"{name} must hold at least one weight that its output depends on, got none: there is nothing to bound")
    finite = bool(torch.isfinite(outputs).all())
    tolerance = 1e-6 * float(outputs.abs().max()) + 1e-300
    if finite and not all(_agree(found, wanted, tolerance) for found, wanted in _alone(graph, probe, outputs)):
        raise ValueError(
            f"{name} must treat every example by itself, got outputs that change with the rest of the batch: use eval-mode statistics "
            "(track_running_stats=True) and no operation across the batch axis"
        )
    traced.own.compare(graph, traced.probe)
    traced.own.compare(
        graph,
        torch.cat([probe, probe.flip(0)])[:3],
        f"{name} must be a function of one example, got other outputs for three examples than its traced graph gives: "
        "its forward depends on the number of examples, or on something that tracing does not see",
    )


def _alone(graph: Graph, probe: Tensor, outputs: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Outputs that must agree if no example sees another: with the first one spoilt, and in another order."""
    other = probe.flip(0)
    spoilt = probe.clone()
    spoilt[0] = float("nan") if probe.is_floating_point() else other[0]
    pairs = [(graph.outputs(spoilt)[1:], outputs[1:]), (graph.outputs(other).flip(0), outputs)]
    if graph.batch is None:
        longer = graph.outputs(torch.cat([other, probe]))
        pairs += [(longer[len(probe) :], outputs)]
    return pairs


def _agree(found: Tensor, wanted: Tensor, tolerance: float) -> bool:
    return found.shape == wanted.shape and torch.allclose(found, wanted, rtol=0.0, atol=tolerance)


_NO_LOGITS = frozenset(
    {
        "softmax",
        "log_softmax",
        "relu",
        "leaky_relu",
        "elu",
        "tanh",
        "sigmoid",
        "gelu",
        "silu",
        "softplus",
        "hardtanh",
        "log_sigmoid",
        "selu",
    }
)
