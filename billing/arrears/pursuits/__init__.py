"""How an account in arrears is followed, as it is kept."""
