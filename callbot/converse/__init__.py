"""The conversation: script, dialogue generator, guards on what the bot may say."""
