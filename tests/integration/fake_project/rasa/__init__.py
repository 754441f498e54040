"""Stands in for Rasa in the launcher tests: ``python -m rasa train`` and ``rasa run`` in no time."""
