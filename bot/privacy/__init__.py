"""What is kept of a visitor: export, erasure, redaction, and the log of who did what."""
