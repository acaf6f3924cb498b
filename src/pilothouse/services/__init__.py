"""The open-source services as every target runs them: their words, their settings, their set-up.

Nothing here makes a resource: a target hands these settings over in its own way.
"""
