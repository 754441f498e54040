"""The website: its own process, which talks to Rasa over HTTP."""
