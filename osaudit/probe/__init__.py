"""The probe: do the published weights actually run? A ladder of verdicts on the artifacts themselves.

No library that loads models is imported here: they live in `worker`, which runs in a caged child process.
"""
