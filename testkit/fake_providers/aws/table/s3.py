"""Buckets, what is set of them, and objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testkit.fake_providers.aws.entry import Call, Caller, Context, Entry, Put, Read, TagCalls
from testkit.fake_providers.aws.language import pascal

_MOST = 1000  # objects of one request
_BLOCK = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_TAG_SET = "Tagging: {TagSet: pairs(in.tags) || `[]`}"


def _empty(call: Caller, context: Context) -> None:
    """Only where it is asked for: every version and every delete marker."""
    if context["in"].get("forceDestroy"):
        _remove_versions(call, context["id"])


def _remove_all_of_key(call: Caller, context: Context) -> None:
    bucket, _, key = context["id"].partition("/")
    _remove_versions(call, bucket, key)


def _remove_versions(call: Caller, bucket: str, key: str = "") -> None:
    while True:
        found = call("s3", "list_object_versions", Bucket=bucket, Prefix=key, MaxKeys=_MOST)
        each = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
        wanted = [{"Key": o["Key"], "VersionId": o["VersionId"]} for o in each
                  if not key or o["Key"] == key]  # fmt: skip
        if not wanted:
            return
        call("s3", "delete_objects", Bucket=bucket, Delete={"Objects": wanted, "Quiet": True})


def _part(put: Call, read: Read, seen: Mapping[str, str], delete: Call, *quiet: str) -> Entry:
    """What is set of a bucket: there is one of each, and it is put whole."""
    return Entry(
        service="s3",
        create=put,
        id="in.bucket",
        reads=(read,),
        seen={"bucket": "id", **seen},
        puts=(Put(calls=(put,), on_create=False),),
        replaces=("bucket",),
        names=("bucket",),
        quiet=quiet,
        delete=(delete,),
    )


def _get(operation: str, pick: str, missing: tuple[str, ...] = ()) -> Read:
    return Read(operation=operation, request="{Bucket: id}", pick=pick, missing=missing)


def _delete(operation: str) -> Call:
    return Call(operation=operation, request="{Bucket: id}")


def _object() -> Entry:
    put = Call(
        operation="put_object",
        request="{Bucket: in.bucket, Key: in.key, Body: in.content || content(in.source), "
        "ContentType: in.contentType, SSEKMSKeyId: in.kmsKeyId, "
        "ServerSideEncryption: in.serverSideEncryption "
        "|| in.kmsKeyId && 'aws:kms' || `null`, Metadata: in.metadata}",
    )
    tag = Call(
        operation="put_object_tagging",
        request=f"{{Bucket: in.bucket, Key: in.key, {_TAG_SET}}}", when="in.tags",
    )  # fmt: skip
    of = "Bucket: before(id, '/'), Key: after(id, '/')"
    return Entry(
        service="s3",
        create=put,
        id="join('/', [in.bucket, in.key])",
        reads=(
            Read(operation="head_object", request=f"{{{of}}}", pick="{etag: ETag, "
                 "version: VersionId, kind: ContentType, key: SSEKMSKeyId, meta: Metadata}"),
            Read(name="has", operation="get_object_tagging", request=f"{{{of}}}", pick="TagSet"),
        ),
        seen={
            "tags": "mapped(has)", "bucket": "before(id, '/')", "key": "after(id, '/')",
            "contentType": "it.kind", "kmsKeyId": "it.key",
        },
        outputs={
            "versionId": "it.version", "etag": "it.etag",
            "arn": "join('', ['arn:aws:s3:::', id])",
        },
        puts=(
            Put(calls=(put, tag), on_create=False),
            Put(calls=(tag,)),
        ),
        replaces=("bucket", "key"),
        names=("bucket", "key"),
        quiet=("forceDestroy",),
        computed=("contentType", "serverSideEncryption"),
        volatile=("versionId", "etag"),
        before_delete=_remove_all_of_key,
        tags=TagCalls(add=tag, remove=tag),
    )  # fmt: skip


def _block() -> Entry:
    given = ", ".join(f"{pascal(name)}: in.{name} || `false`" for name in _BLOCK)
    seen: dict[str, Any] = {name: f"it.{pascal(name)}" for name in _BLOCK}
    return _part(
        Call(
            operation="put_public_access_block",
            request=f"{{Bucket: in.bucket, PublicAccessBlockConfiguration: {{{given}}}}}",
        ),
        _get("get_public_access_block", "PublicAccessBlockConfiguration"),
        seen,
        _delete("delete_public_access_block"),
        "skipDestroy",
    )


TABLE: Mapping[str, Entry] = {
    "aws:s3/bucket:Bucket": Entry(
        service="s3",
        create=Call(
            operation="create_bucket",
            request="{Bucket: in.bucket, CreateBucketConfiguration: "
            "region != 'us-east-1' && {LocationConstraint: region} || `null`}",
        ),
        id="in.bucket",
        reads=(
            Read(operation="head_bucket", request="{Bucket: id}", pick="{found: `true`}"),
            Read(
                name="has", operation="get_bucket_tagging", request="{Bucket: id}", pick="TagSet"
            ),
        ),
        seen={"tags": "mapped(has)", "bucket": "id"},
        outputs={
            "arn": "join('', ['arn:aws:s3:::', id])",
            "bucketDomainName": "join('', [id, '.s3.amazonaws.com'])",
            "bucketRegionalDomainName": "join('', [id, '.s3.', region, '.amazonaws.com'])",
        },
        puts=(
            Put(
                calls=(
                    Call(
                        operation="put_bucket_tagging", request=f"{{Bucket: id, {_TAG_SET}}}",
                        when="in.tags",
                    ),
                )
            ),
        ),
        names=("bucket",),
        quiet=("forceDestroy",),
        before_delete=_empty,
        delete=(_delete("delete_bucket"),),
        tags=TagCalls(
            add=Call(operation="put_bucket_tagging", request=f"{{Bucket: id, {_TAG_SET}}}"),
            remove=Call(operation="put_bucket_tagging", request=f"{{Bucket: id, {_TAG_SET}}}"),
        ),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _part(
        Call(
            operation="put_bucket_versioning",
            request="{Bucket: in.bucket, VersioningConfiguration: "
            "{Status: in.versioningConfiguration.status}}",
        ),
        _get("get_bucket_versioning", "Status && {status: Status} || `null`"),
        {"versioningConfiguration": "it"},
        Call(
            operation="put_bucket_versioning",
            request="{Bucket: id, VersioningConfiguration: {Status: 'Suspended'}}",
        ),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _block(),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _part(
        Call(
            operation="put_bucket_ownership_controls",
            request="{Bucket: in.bucket, OwnershipControls: {Rules: [pascal(in.rule)]}}",
        ),
        _get("get_bucket_ownership_controls", "OwnershipControls.Rules[0]"),
        {"rule": "camel(it)"},
        _delete("delete_bucket_ownership_controls"),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _part(
        Call(
            operation="put_bucket_encryption",
            request="{Bucket: in.bucket, ServerSideEncryptionConfiguration: "
            "{Rules: pascal(in.rules)}}",
        ),
        _get("get_bucket_encryption", "ServerSideEncryptionConfiguration.Rules"),
        {"rules": "camel(it)"},
        _delete("delete_bucket_encryption"),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _part(
        Call(
            operation="put_bucket_lifecycle_configuration",
            request="{Bucket: in.bucket, LifecycleConfiguration: {Rules: pascal(in.rules)}}",
        ),
        _get("get_bucket_lifecycle_configuration", "Rules"),
        {"rules": "camel(it)"},
        _delete("delete_bucket_lifecycle"),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _part(
        Call(
            operation="put_bucket_policy",
            request="{Bucket: in.bucket, Policy: dumped(in.policy)}",
        ),
        _get("get_bucket_policy", "Policy"),
        {"policy": "it"},
        _delete("delete_bucket_policy"),
    ),
    "aws:s3/bucketObject:BucketObject": _object(),
    "aws:s3/bucketObjectv2:BucketObjectv2": _object(),
}  # fmt: skip
