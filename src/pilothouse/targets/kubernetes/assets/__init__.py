"""Files that the stack's pods get, or are made from."""
