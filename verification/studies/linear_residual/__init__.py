"""Linear residual networks: Hardt and Ma's theorem at random and at searched networks, and training in both forms."""
