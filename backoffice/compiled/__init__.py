"""Reading operations compiled into one SQL statement: a first proof that the declarations are enough to do it.

The same declarations that the normal resolvers read are turned into a statement whose rows are nested JSON arrays, and
into the functions that make the answer of them. What is not supported raises `Unsupported` and takes the normal way.
"""
