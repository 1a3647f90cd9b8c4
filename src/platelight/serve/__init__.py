"""The HTTP service: reading, hiding and register look-up for other programs, and a page for people."""
