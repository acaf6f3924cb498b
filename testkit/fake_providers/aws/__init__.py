"""AWS without AWS: its services in memory (moto, extended), and a provider double before them.

The double does for the types of its table what `pulumi-resource-aws` does: checks inputs, makes,
reads, changes and removes, with the provider's default tags. One that was made and did not get
ready is kept as partly done. It runs as a plugin that the engine starts, or resident in a test's
process. `faults` has single calls fail. Clients try once: what is repeated, the double repeats.

It differs on purpose in these:
- inputs are held against the SDK's own types and botocore's models at a preview, so that more is
  refused than the real one refuses; inputs that no line of the table names are refused too;
- names are required, no name is made up;
- what replaces and what changes in place is the table's claim, not taken from the real provider;
- inputs that AWS fills by itself are no difference where the program does not give them;
- custom timeouts have no effect, a resource has `resources.PATIENCE` seconds;
- functions (`get_*`) are not there.
"""
