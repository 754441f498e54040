"""Stands in for the action server."""
