"""The pilot's records: what its commands did and how long they took, kept to decide by."""
