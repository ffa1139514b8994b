"""tests/data/answers/written.yaml -> answers.jsonl: each written answer plain, with the words people put around it, and misspelt as a
recogniser writes it. Deterministic: the same written answers give the same file."""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent.parent / "tests" / "data" / "answers"
BEFORE = {
    "any": ("네, ", "아이고 ", "뭐 ", "어 ", "예 ", "아 네 ", "그러니까 ", "음 "),
    "ok": ("그럼요 ", "응 ", "에이 "),
    "bad": ("말도 마요 ", "아니 ", "아유 ", "그게요 "),
    "unsure": (),
}
AFTER = {
    "any": (" 그래요", " 예", " 뭐"),
    "ok": (" 덕분에요", " 고맙습니다", " 걱정 마세요"),
    "bad": (" 어쩌겠어요", " 늙으니까", " 참 큰일이에요"),
    "unsure": (" 허허", " 아무튼요"),
}
HALF = 0.5
KEPT = set("안못없않아니")
"""Syllables that carry a denial are not made into others, only written as they sound."""
LEADS, VOWELS, CODAS = 19, 21, 28
_LEAD = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_CODA = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
_CARRIED = {
    "ㄳ": ("ㄱ", "ㅅ"),
    "ㄵ": ("ㄴ", "ㅈ"),
    "ㄺ": ("ㄹ", "ㄱ"),
    "ㄻ": ("ㄹ", "ㅁ"),
    "ㄼ": ("ㄹ", "ㅂ"),
    "ㅄ": ("ㅂ", "ㅅ"),
    "ㄶ": ("", "ㄴ"),
    "ㅀ": ("", "ㄹ"),
}
_SWAPPED = {1: 5, 5: 1, 11: 10, 10: 15, 15: 11, 3: 7, 7: 3}
"""ㅐㅔ, ㅚㅙㅞ, ㅒㅖ: one sound each to most speakers."""
_HARDENED = dict(zip("ㄱㄷㅂㅅㅈ", "ㄲㄸㅃㅆㅉ", strict=True))

Noise = Callable[[str, random.Random], str]


def split(syllable: str) -> tuple[int, int, int]:
    code = ord(syllable) - ord("가")
    return code // (VOWELS * CODAS), code // CODAS % VOWELS, code % CODAS


def join(lead: int, vowel: int, coda: int) -> str:
    return chr(ord("가") + (lead * VOWELS + vowel) * CODAS + coda)


def is_hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def liaison(text: str, _dice: random.Random) -> str:
    """먹어 -> 머거, 없어 -> 업서."""
    out = list(text)
    for at in range(len(out) - 1):
        if not (is_hangul(out[at]) and is_hangul(out[at + 1])):
            continue
        (lead, vowel, coda), (next_lead, next_vowel, next_coda) = split(out[at]), split(out[at + 1])
        if _LEAD[next_lead] != "ㅇ" or not coda or _CODA[coda] in "ㅇㅎ":
            continue
        stays, goes = _CARRIED.get(_CODA[coda], ("", _CODA[coda]))
        if goes in _LEAD:
            out[at] = join(lead, vowel, _CODA.index(stays))
            out[at + 1] = join(_LEAD.index(goes), next_vowel, next_coda)
    return "".join(out)


def vowels(text: str, dice: random.Random) -> str:
    """ㅐ for ㅔ and the like, in half of the places."""
    return "".join(
        join(split(c)[0], _SWAPPED[split(c)[1]], split(c)[2])
        if is_hangul(c) and c not in KEPT and split(c)[1] in _SWAPPED and dice.random() < HALF
        else c
        for c in text
    )


def hardened(text: str, dice: random.Random) -> str:
    """One plain consonant heard as a tense one."""
    places = [at for at, c in enumerate(text) if is_hangul(c) and c not in KEPT and _LEAD[split(c)[0]] in _HARDENED]
    if not places:
        return text
    at = dice.choice(places)
    lead, vowel, coda = split(text[at])
    return text[:at] + join(_LEAD.index(_HARDENED[_LEAD[lead]]), vowel, coda) + text[at + 1 :]


def run_together(text: str, _dice: random.Random) -> str:
    return text.replace(" ", "")


def broken_up(text: str, dice: random.Random) -> str:
    """A space where none belongs."""
    at = dice.randrange(1, max(2, len(text) - 1))
    return text[:at] + " " + text[at:]


def stammered(text: str, _dice: random.Random) -> str:
    first = text.split(" ", maxsplit=1)[0]
    return f"{first[:2]} {text}"


def clipped(text: str, _dice: random.Random) -> str:
    """The last syllable is lost where it is only polite."""
    return text.removesuffix("요")


NOISES: tuple[Noise, ...] = (liaison, vowels, hardened, run_together, broken_up, stammered, clipped)


def variants(text: str, label: str, dice: random.Random) -> list[tuple[str, str]]:
    """(kind, text)"""
    before = dice.choice(BEFORE["any"] + BEFORE[label])
    after = dice.choice(AFTER["any"] + AFTER[label])
    one, two = dice.sample(NOISES, 2), dice.sample(NOISES, 2)
    return [
        ("plain", text),
        ("before", before + text),
        ("after", text + after),
        ("around", dice.choice(BEFORE["any"] + BEFORE[label]) + text + dice.choice(AFTER["any"] + AFTER[label])),
        ("noise", one[0](text, dice)),
        ("noise", two[1](two[0](text, dice), dice)),
    ]


def items() -> list[dict[str, str]]:
    """Everything, without duplicates."""
    written = YAML(typ="safe").load((HERE / "written.yaml").read_text("utf-8"))
    found, seen = [], set()
    for topic, groups in written.items():
        for group, texts in groups.items():
            label = group.removeprefix("dialect_")
            for line, text in enumerate(texts):
                name = f"{topic}/{group}/{line}"
                for kind, said in variants(text, label, random.Random(name)):
                    if (topic, said) not in seen:
                        seen.add((topic, said))
                        kind_ = f"dialect-{kind}" if group != label else kind
                        found.append({"topic": topic, "label": label, "written": name, "kind": kind_, "text": said})
    return found


def main() -> None:
    """Write the file, or with `--check` compare."""
    text = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items())
    path = HERE / "answers.jsonl"
    if "--check" in sys.argv:
        sys.exit(0 if path.read_text("utf-8") == text else f"{path}: run scripts/make-answer-bench.py")
    path.write_text(text, "utf-8")
    print(len(text.splitlines()), "answers")


if __name__ == "__main__":
    main()
