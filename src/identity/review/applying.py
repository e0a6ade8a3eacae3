"""Applying decisions now: the pipeline, or the release of a held run, in a process of its own.

It runs under the same lease as any run; what became of it stands in the ledger.
"""

import subprocess
import sys
import threading

from identity.errors import IdentityError
from identity.settings import Settings


def start(settings: Settings, *words: str) -> None:
    """Start `run`, or `release RUN NAME REASON`, in the background."""
    process = subprocess.Popen(
        [sys.executable, "-m", "identity.review.applying"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write("\0".join((settings.model_dump_json(), *words)))
    process.stdin.close()
    threading.Thread(target=process.wait, daemon=True).start()


def main() -> int:
    """Do what stands on the standard input; the exit code is that of the command line."""
    from identity import generations, pipeline

    text, *words = sys.stdin.read().split("\0")
    settings = Settings.model_validate_json(text)
    try:
        if words[0] == "release":
            generations.release(settings, words[1], by=words[2], reason=words[3])
        else:
            pipeline.run(settings)
    except IdentityError as error:
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
