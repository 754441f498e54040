"""A conversation as people read it: its lines, what has changed in it, who is typing, what visitors think of it."""
