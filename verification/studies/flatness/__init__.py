"""Flat minima: the kl bound, what rescaling does to sharpness, individual flatness, and which of them follows the gap."""
