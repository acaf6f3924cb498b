"""The proof that a running stack works."""
