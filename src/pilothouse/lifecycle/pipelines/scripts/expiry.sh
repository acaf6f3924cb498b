set -eu
@@{guard}
pilothouse @@{at_expiry} --if-expired --yes
