"""When somebody is due: weeks, windows, the retry ladder, the due contact's states."""
