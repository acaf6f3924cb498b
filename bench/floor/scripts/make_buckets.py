"""Run in the workload's environment: makes the buckets that are its arguments."""

import sys

import boto3

client = boto3.client("s3")
for bucket in sys.argv[1:]:
    client.create_bucket(Bucket=bucket)
