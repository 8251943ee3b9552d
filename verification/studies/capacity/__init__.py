"""Capacity is not the number of parameters: errors, bias, variance and bounds against width."""
