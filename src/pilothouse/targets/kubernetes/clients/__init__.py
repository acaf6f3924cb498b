"""Access to the cluster and to the services in it."""
