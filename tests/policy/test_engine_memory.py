"""rego-cpp must not be the first C++ library of a process: see `policy.engines.embedded`."""

import subprocess
import sys

PROGRAM = """
import policy.engines.embedded
from policy.classify.patterns import compiled
from policy.classify.signs import ALL
from policy.classify.singles import SINGLES
for one in (*SINGLES, *ALL):
    compiled(one.full)
print("whole")
"""


def test_other_c_plus_plus_libraries_keep_their_memory_when_the_engine_is_loaded_first() -> None:
    # Memory that is corrupted shows at random, so the same is asked of a few processes.
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout.strip()) == (0, "whole"), done.stderr
