"""The local platform started by hand in the best order: the yardstick of `make bench`.

It knows nothing of pilothouse but the workload and its DAG.
"""
