"""The judgement of a whole call, and of calls that did not happen."""
