set -eu
code=0
pilothouse up @@{stack} --verify || code=$?
pilothouse down @@{stack} --yes
exit "$code"
