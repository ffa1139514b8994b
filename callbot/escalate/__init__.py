"""Making a human act: cases, pages, escalation policy."""
