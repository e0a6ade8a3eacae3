"""`python -m identity` is the `identity` program."""

from identity.cli import main

main()
