"""Snapshots of the price book, each named by its date; a new one is made by a reviewed change."""
