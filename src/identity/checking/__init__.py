"""Quality gates: the suites of `expectations/`, the frames they judge, the movement that holds a run."""
