"""Mistakes planted in the program, one at a time, to see that the offline tests notice."""
