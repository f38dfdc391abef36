"""Who may act as a region's field system, in MongoDB."""

from gridhall.metering.feed.repository import FeedClientRepository


class FieldClientRepository(FeedClientRepository):
    """Field systems with their tokens, kept as feed clients are and apart from them: none can be the other."""

    collection_name = "field_clients"
