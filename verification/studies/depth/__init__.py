"""Depth in capacity bounds: norm products of trained networks, the class's own complexity, and VC dimensions from both sides."""
