"""What a platform costs: a book of list prices, what is billed, and the estimate of both.

Nothing here knows a target: a target says what its resources are billed for (`charges`), and the
estimate prices that. All amounts are decimal numbers of US dollars, and a month has 730 hours.
"""
