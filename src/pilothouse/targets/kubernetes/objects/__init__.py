"""The Kubernetes objects that the components consist of."""
