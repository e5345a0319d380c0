"""What `samtime ...` does on the command line: one module per verb, each with `run(arguments)`.

Not a place for business decisions: it reads arguments, sets the environment, calls commands.
Serves whoever installs, operates or tries the product.
"""
