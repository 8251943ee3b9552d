"""Overparametrised training: gradient descent compared with its tangent kernel, and kernel regression compared with networks."""
