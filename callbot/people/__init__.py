"""Who is called: persons, their numbers, consent, holds, and the team that answers for them."""
