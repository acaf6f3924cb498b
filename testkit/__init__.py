"""Tools of the tests that are programs of their own."""
