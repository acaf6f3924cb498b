: "${PULUMI_BACKEND_URL:?set this secret of the repository}"
: "${PULUMI_CONFIG_PASSPHRASE:?set this secret of the repository}"
