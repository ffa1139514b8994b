"""A request's kind in an SMS and on the case card."""

REQUEST_KO: dict[str, str] = {
    "rice": "쌀·식료품",
    "boiler": "보일러",
    "bags": "쓰레기봉투",
    "escort": "병원 동행",
    "meals": "반찬",
    "repair": "집 수리",
    "bedding": "이불·옷",
    "helper": "가사 돌봄",
    "money": "생계 지원",
    "contact": "연락",
    "medical_visit": "병원·약",
    "new_number": "번호 변경",
    "moved": "이사 알림",
    "look_in": "보호자 방문 예정",
    "worried": "보호자 걱정",
    "message": "전하는 말",
}


def request_words(kinds: list[str]) -> str:
    """`쌀·이불 요청`; a kind that the lexicon has and this table has not is named as it is."""
    return "·".join(dict.fromkeys(REQUEST_KO.get(kind, kind) for kind in kinds)) + " 요청"
