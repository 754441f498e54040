"""From "I want to enroll" to a person answering: what is known of it, and the only writers of it."""
