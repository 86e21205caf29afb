"""``python -m liyi``: the same as the ``liyi`` command."""

from liyi.cli import main

main()
