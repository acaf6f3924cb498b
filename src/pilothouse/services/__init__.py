"""The open-source services as every target runs them: names, settings, set-up programs, clients.

Nothing here creates a resource: each target passes these settings to the service in its own way.
"""
