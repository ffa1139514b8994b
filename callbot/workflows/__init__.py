"""Verbs: guards first, one short transaction each, no network inside it."""
