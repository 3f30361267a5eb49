"""A test of the test: the product is spoiled in many ways, and a night must find each of them."""
