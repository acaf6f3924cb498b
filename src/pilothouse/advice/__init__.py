"""Which platforms a team should pilot: its needs, a catalogue of systems, and a short list."""
