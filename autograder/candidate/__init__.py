"""The untrusted side: runs submissions; holds no tests and no expected values."""
