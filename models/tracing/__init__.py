"""The computation of any network as a graph of bounded operations, read by torch.export, and what follows from the graph."""

from genbounds.models.tracing.graph import Graph, Node
from genbounds.models.tracing.trace import read_graph
from genbounds.models.tracing.weights import Weight

__all__ = ["Graph", "Node", "Weight", "read_graph"]
