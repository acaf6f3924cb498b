"""The Pulumi engine on one stack: its project, locks, events and journal."""
