set -eu
@@{guard}
pilothouse up @@{stack} --verify
