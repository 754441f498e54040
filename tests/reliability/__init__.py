"""Failures caused by hand against the running product; docs/reliability.md has the figures."""
