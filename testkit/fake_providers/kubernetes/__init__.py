"""The provider double for every `kubernetes:*` type, before a real API server.

It does what `pulumi-resource-kubernetes` 4.34 does with its defaults: creates with POST (an
object that is there already is an error, unless `upsertExistingObjects`), updates by server-side
apply without force (a conflict is an error, unless `enablePatchForce`), replaces what its table
says, waits until objects are ready, and reports one that does not become ready as a partial
failure.

It differs on purpose in these:
- inputs are held against the SDK's own types, where the real one sends almost anything;
- names are required, no name is made up;
- a difference that the server says is none (a dry run decides) is not shown;
- a wait ends early when a reason that does not go away by itself stays for `waiting.GRACE`;
- there are no Patch and List kinds, no Helm, Kustomize or YAML, no client-side apply.
"""
