# A variable that is not in the group is here as its own name.
case "${PULUMI_BACKEND_URL:-$}${PULUMI_CONFIG_PASSPHRASE:-$}" in *'$'*)
  echo 'set PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE, without a $, in the variable group pilothouse' >&2
  exit 1;;
esac
