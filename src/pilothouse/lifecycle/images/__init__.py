"""Images by digest: the lock, and a client of image registries."""
