"""A platform on AWS, from managed services."""
