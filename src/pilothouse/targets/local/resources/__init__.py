"""The dynamic resources of the `local` target: what stands behind each type in its graph.

Their providers are imported by reference, so that an edit of their code is no change of a stack.
Every provider is idempotent: what a killed run left behind is adopted or made again.
"""
