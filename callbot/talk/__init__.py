"""The conversation driven over a live line: performs the dialogue's commands, saves every turn."""
