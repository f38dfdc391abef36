"""Bill runs: a region's month, cut into ranges of accounts that any number of workers take and bill."""
