"""Who may sign in to the console: passwords, sessions that end, and what admins do with accounts."""
