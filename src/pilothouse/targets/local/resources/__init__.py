"""The dynamic resources of the `local` target, a module for each resource type.

A stack's state refers to their providers by module and class, so an edit of their code does not
change a stack, and a rename of a module or a class does. Every provider is idempotent: it adopts or
recreates what a killed run left.
"""
