"""Replies on their way to visitors."""
