"""The second way in: a Redis Stream of deliveries, whose consumers store through the same intake as every other way."""
