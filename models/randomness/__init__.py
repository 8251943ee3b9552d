"""Keyed random streams: Philox counters and normals, the same draws bit for bit on every device."""
