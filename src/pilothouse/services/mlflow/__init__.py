"""MLflow wherever it runs: its settings, and a client of its REST API."""
