"""Files people hand in: import runs with their preview and their errors.

Not a store of patients' records.
Serves settings by file instead of by typing.
"""
