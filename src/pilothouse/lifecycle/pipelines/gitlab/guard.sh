: "${PULUMI_BACKEND_URL:?set this masked variable of the project}"
: "${PULUMI_CONFIG_PASSPHRASE:?set this masked variable of the project}"
