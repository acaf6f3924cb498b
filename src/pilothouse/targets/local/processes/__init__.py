"""Processes on this machine: their folders, ports, environment and supervision."""
