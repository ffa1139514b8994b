"""What a case about calling must hold word for word: a number to confirm, a message to pass on."""

from collections.abc import Sequence

from callbot.people.numbers import BadNumber, national, parse_number
from callbot.understand.meaning import Request
from callbot.understand.spoken_digits import spoken_number

_QUOTED = {"message": "전하는 말", "worried": "보호자의 말", "look_in": "보호자의 말", "moved": "말씀"}
_AT_MOST = 160


def in_their_words(wishes: Sequence[Request]) -> str:
    """For the summary of a case, which is encrypted; empty where there is nothing of the kind. Never for an SMS."""
    found = [words for wish in wishes if (words := _words(wish))]
    return "".join(f" {words}" for words in dict.fromkeys(found))


def _words(wish: Request) -> str:
    if wish.kind == "new_number":
        return f"말씀하신 번호: {_number(wish.quote)}. 본인 확인 뒤에 고쳐 주세요(자동으로 걸지 않습니다)."
    label = _QUOTED.get(wish.kind)
    return f'{label}: "{wish.quote[:_AT_MOST]}"' if label else ""


def _number(quote: str) -> str:
    digits = spoken_number(quote) or ""
    try:
        return national(parse_number(digits))
    except BadNumber:
        return digits or quote[:_AT_MOST]
