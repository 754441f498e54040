"""``python -m tests.benchmark channel``: the website's channel beside Rasa's stock socketio channel."""
