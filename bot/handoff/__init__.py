"""From "I want to enroll" to a person answering: the use cases, and what staff see of them."""
