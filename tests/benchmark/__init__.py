"""``make bench``: this assistant beside Rasa's stock pipeline, on the same content and the same machine."""
