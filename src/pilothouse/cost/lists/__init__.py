"""The open price lists of providers, asked without an account: one module a provider."""
