"""Certifying a trained network: ``certify``, the candidate bounds it tries, and the table that it returns."""
