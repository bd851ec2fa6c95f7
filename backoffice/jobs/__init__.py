"""What happens beside the requests: the outbox is worked off, and the outside world is asked.

A job step is three parts: read in a short session, talk to the outside without one, write in one unit of work.
"""
