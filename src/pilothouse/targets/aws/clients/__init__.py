"""Access to AWS and to its managed services."""
