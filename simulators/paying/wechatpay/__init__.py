"""WeChat Pay API v3 that no money stands behind."""
