"""Writes one object of an S3 store as a line of JSON: `read_object.py s3://BUCKET/KEY`.

The line has the content in base64 as `content`, or `missing` where there is no such object. The
client is configured by the environment alone.
"""

import base64
import json
import sys

import boto3


def main(address: str) -> None:
    """Do it; botocore's own errors come through."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    client = boto3.client("s3")
    try:
        content = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except client.exceptions.NoSuchKey:
        answer: dict[str, object] = {"missing": True}
    else:
        answer = {"content": base64.b64encode(content).decode()}
    sys.stdout.write(f"{json.dumps(answer)}\n")


if __name__ == "__main__":
    main(sys.argv[1])
