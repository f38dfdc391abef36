"""Alipay as an online provider: our own client of its open gateway, in key mode."""
