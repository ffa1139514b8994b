"""Korean words to meaning: answers in context, signals with evidence, requests, who is speaking."""
