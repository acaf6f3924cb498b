"""AWS without AWS: its services in memory (moto, extended), and a provider double before them."""
