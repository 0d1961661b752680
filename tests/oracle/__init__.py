"""The rules of duties written a second time, by which the tests judge the product."""
