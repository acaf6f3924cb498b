set -eu
@@{guard}
pilothouse preview @@{stack} --refresh --expect-no-changes
