"""What is asked of an optimum: why, what else, what breaks it, what if the facts are wrong, and is it right."""
