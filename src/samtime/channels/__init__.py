"""On which terms somebody outside may book: channels, terms, listings, prices.

Not who the outsider is: relationships live above.
Serves traffic channels (T1 to T14) and P13 to P20.
"""
