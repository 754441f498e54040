"""What staff are told outside the console, and by which transport."""
