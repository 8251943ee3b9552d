"""Populations with known risk, a ladder of checks that tries to refute each bound, studies, the report and the command line."""
