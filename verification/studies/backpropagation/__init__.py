"""Backpropagation: the recursions of dense and residual networks, and how the norms of what they carry grow with depth."""
