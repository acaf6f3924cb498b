"""A small, real machine learning job that proves a platform by its environment variables alone."""
