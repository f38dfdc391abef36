"""Bills whose readings were corrected after they were issued."""
