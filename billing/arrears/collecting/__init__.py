"""What collectors do: the queue, what was said, and visits."""
