"""One outside system a file, named after it; only that file imports its library."""
