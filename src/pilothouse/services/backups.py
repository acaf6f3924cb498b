"""The program that keeps dumps of databases in a bucket, wherever it runs."""

from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "backups.py"
