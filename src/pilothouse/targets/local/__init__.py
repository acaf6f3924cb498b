"""The `local` target: real services as processes of this machine."""
