"""The team's package: what `workload.package` names, built and locked once for every target."""
