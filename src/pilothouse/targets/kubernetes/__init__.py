"""The platform on a Kubernetes cluster: one namespace a stack, every object in the diff."""
