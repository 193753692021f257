"""The trusted side: holds the tests, asks the candidate, records the scores."""
