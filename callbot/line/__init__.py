"""The live call in frames: media, voice activity, turns. Asyncio; nothing slow."""
