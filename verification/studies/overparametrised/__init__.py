"""Overparametrised training: gradient descent beside its tangent kernel, and kernel regression beside networks."""
