"""How many histories the laws of money are tried on: TESTS_EXAMPLES raises the number."""

import os

from hypothesis import HealthCheck, settings


def load() -> None:
    """Let Hypothesis try 200 examples of each law, or as many as TESTS_EXAMPLES says."""
    settings.register_profile(
        "suite",
        max_examples=int(os.environ.get("TESTS_EXAMPLES", "200")),
        deadline=None,
        database=None,
        # A build must not fail by luck; whoever asks for more examples asks for new ones.
        derandomize="TESTS_EXAMPLES" not in os.environ,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("suite")
