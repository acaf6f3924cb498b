#!/bin/sh
# From what a team needs to a report on which it decides: usage: decide.sh [FOLDER]
#
# The stack `local` is really set up in FOLDER (by default ./decision), proved, used and deleted.
# With CLUSTER=kubernetes the stack of that name is too, on the cluster of the current context.
# `aws` is only priced: nothing is made in an account.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
project=${1:-decision}
times=$(mktemp)
trap 'rm -f "$times"' EXIT

step() {
    printf '\n$ %s\n' "$*"
    began=$(date +%s)
    if ! "$@"; then
        printf '\nthat failed; `pilothouse list` shows what is up, and `pilothouse down` deletes it\n' >&2
        exit 1
    fi
    printf '%5s s  %s\n' "$(($(date +%s) - began))" "$*" >>"$times"
}

pilot() {
    step pilothouse up "$1" --verify
    step pilothouse run "$1" --follow
    step pilothouse down "$1" --yes
}

[ -e "$project/Pulumi.yaml" ] || step pilothouse init "$project" --target local
cd "$project"
[ -e needs.yaml ] || cp "$here/needs.yaml" .
step pilothouse advise
step pilothouse setup

# Plugins of these two are not needed to price them; `pilothouse setup` gets them before an `up`.
for stack in kubernetes aws; do
    [ -e "stacks/Pulumi.$stack.yaml" ] || cp "$here/stacks/Pulumi.$stack.yaml" stacks/
    step pilothouse cost "$stack"
done
step pilothouse preview local
pilot local
if [ -n "${CLUSTER:-}" ]; then
    step pilothouse setup
    pilot "$CLUSTER"
fi
step pilothouse compare local kubernetes aws --rate 100 \
    --hours local=2 --hours kubernetes=16 --hours aws=8 --html report.html

printf '\nseconds of each step:\n'
cat "$times"
printf '\nread %s/report.html; hours of operations and the rate are examples, put yours in\n' "$(pwd)"
