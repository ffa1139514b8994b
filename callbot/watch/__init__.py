"""The watch: a process of its own that notices when nobody is being called, and says whom to phone by hand."""
