"""The reference architectures of the course, in teaching order."""
