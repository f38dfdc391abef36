"""Service points, meters and which meter hung where on which days."""
