"""Test-only stand-ins for what the real engine talks to."""
