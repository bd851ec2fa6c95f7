"""Passwords: argon2id at the OWASP minimum, computed in threads so that the event loop never waits for one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Each hash takes 19 MiB and a core for some 30 ms: a flood of guesses must not take them all.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
_UNKNOWN_USER_HASH = _hasher.hash("nobody has this password")


def hash_now(password: str) -> str:
    """The hash of `password`, computed at once: for commands, not for the event loop."""
    return _hasher.hash(password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one that was hashed. `stored` None (no such user) costs the same time and says no."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _matches, password, stored)


def _matches(password: str, stored: str | None) -> bool:
    try:
        verified = _hasher.verify(stored or _UNKNOWN_USER_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return verified and stored is not None
