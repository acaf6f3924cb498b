"""One real Kubernetes node for the tests, in namespaces of its own.

`python -m testkit.cluster --help` drives it by hand; tests use the fixture in `fixtures`.
"""
