"""The programs that pods run from a ConfigMap."""
