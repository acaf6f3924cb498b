"""`python -m pilothouse_workload`."""

import sys

from pilothouse_workload.cli import main

sys.exit(main())
