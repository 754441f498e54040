"""Starts the product with one command: trains when needed, starts every process, stops them together."""
