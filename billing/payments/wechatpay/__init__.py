"""WeChat Pay (API v3) as an online provider: our own client."""
