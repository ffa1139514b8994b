"""Virtual recipients: phones with personas."""
