"""What must never be missed, and what only sounds like it."""
