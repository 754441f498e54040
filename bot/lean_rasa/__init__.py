"""Rasa's own command line (``python -m bot.lean_rasa run|train ...``) without what this product does not use."""
