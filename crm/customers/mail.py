"""Mail addresses as they are shown."""


def masked_mail(mail: str) -> str:
    """Return an address of which only the first letter and the provider show: w****@mail.example."""
    local, at, provider = mail.rpartition("@")
    return f"{local[:1]}****{at}{provider}" if at else f"{provider[:1]}****"
