"""Alipay's open gateway that no money stands behind."""
