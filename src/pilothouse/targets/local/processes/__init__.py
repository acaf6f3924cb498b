"""Processes on this machine: folders, ports, supervision."""
