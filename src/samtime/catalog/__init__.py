"""Services (examinations), durations, dated base prices, codes.

Not what a channel may book or pays: that is channels.
Serves the rows of the traffic-channel table (T2).
"""
