"""The errors a user can meet, each with the exit code of the command that meets it.

Messages name the file, line, rule, record key and what to do next; never a value that may be personal.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What `identity` answers to the shell and to a scheduler."""

    PUBLISHED = 0
    FAILED = 1
    WRONG_USE = 2
    CHECK_STOPPED = 3
    HELD = 4
    INPUT_REFUSED = 5
    ANOTHER_RUN = 75
    INTERRUPTED = 130


class IdentityError(Exception):
    """Base of every error that is the user's to mend; shown without a traceback."""

    exit_code: ExitCode = ExitCode.FAILED


class ConfigurationError(IdentityError):
    """A setting is missing, unknown or contradicts another; names the key and the file."""

    exit_code = ExitCode.WRONG_USE


class CheckStopped(IdentityError):
    """A critical expectation failed: nothing was published."""

    exit_code = ExitCode.CHECK_STOPPED


class RunHeld(IdentityError):
    """The run moves more than the gate allows: nothing was published until a person releases it."""

    exit_code = ExitCode.HELD


class NotPublished(IdentityError):
    """A scheduled run ended without a new generation; the task that failed says why."""


class InputRefused(IdentityError):
    """No file of the delivery could be used."""

    exit_code = ExitCode.INPUT_REFUSED


class AnotherRun(IdentityError):
    """Another run holds the lease; the message names the holder."""

    exit_code = ExitCode.ANOTHER_RUN


class ServerFailed(IdentityError):
    """The Postgres server of the warehouse could not be reached, or refused; told without values of rows."""


class StageFailed(IdentityError):
    """A fault of the program or the machine inside a stage; where it happened stands in a file of the run.

    The original message is dropped on purpose: messages of engines quote values, which may be personal.
    """
