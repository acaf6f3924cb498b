"""`make bench`: what the local platform costs, against the same services started by hand."""
