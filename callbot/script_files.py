"""Scripts read from YAML files; what is wrong is said in Korean with file, line, key, value and the mend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from callbot.converse.script import Script


class ScriptError(ValueError):
    """A script cannot be used; the message has one line a fault."""


@dataclass(frozen=True)
class ScriptFile:
    """A script with the place of each of its keys."""

    path: Path
    script: Script
    places: Mapping[str, int] = field(default_factory=dict)
    """Line number (from 1) by dotted key: `questions.0.ask`, and by line id: `health.ask`."""

    def place_of(self, key: str) -> str:
        """`file:line` of a key or line id; of the nearest enclosing one where the key itself is not written."""
        while key and key not in self.places:
            key = key.rpartition(".")[0]
        return f"{self.path}:{self.places.get(key, 1)}"


def load_script(path: Path) -> ScriptFile:
    """The script in a file. Raises ScriptError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(
            f"{path}: 대본을 읽을 수 없습니다 ({error}). 파일 이름과 UTF-8 저장 여부를 확인하세요."
        ) from error
    return parse_script(text, path)


def parse_script(text: str, path: Path) -> ScriptFile:
    """The script in a text; `path` is only for messages. Raises ScriptError."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = (
            f"{path}:{line}: YAML 문법이 맞지 않습니다 ({error.problem}). 들여쓰기, 따옴표, 겹친 이름을 확인하세요."
        )
        raise ScriptError(message) from error
    except YAMLError as error:
        raise ScriptError(f"{path}:1: YAML 문법이 맞지 않습니다 ({error}).") from error
    if not isinstance(document, CommentedMap):
        raise ScriptError(f"{path}:1: 대본은 'script:' 로 시작하는 '이름: 값' 목록이어야 합니다.")
    places = dict(_places(document, ""))
    try:
        script = Script.model_validate(_whole(_plain(document), path))
    except ValidationError as error:
        raise ScriptError("\n".join(_faults(error, ScriptFile(path, _NO_SCRIPT, places)))) from error
    for number, question in enumerate(script.questions):
        prefix = f"questions.{number}"
        for key, line in list(places.items()):
            if key == prefix or key.startswith(prefix + "."):
                places.setdefault(question.id.value + key.removeprefix(prefix), line)
    return ScriptFile(path, script, places)


_NO_SCRIPT: Any = None
EXTENDS = "extends"
"""`extends: weekly-checkin`: what a script does not say itself is that of the other, which lies beside it."""


def _whole(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """With what it takes from another script. Raises ScriptError."""
    name = document.pop(EXTENDS, None)
    if name is None:
        return document
    beside = path.parent / f"{name}.yaml"
    try:
        base: Any = _plain(YAML(typ="rt").load(beside.read_text("utf-8")))
    except (OSError, YAMLError) as error:
        mend = f"{path}:1: extends: 값 {str(name)[:40]!r}: 그 대본({beside})을 읽을 수 없습니다. 이름을 확인하세요."
        raise ScriptError(mend) from error
    if not isinstance(base, dict) or EXTENDS in base:
        mend = (
            f"{path}:1: extends: 값 {name!r}: 다른 대본을 물려받는 대본은 물려받을 수 없습니다. 원래 대본을 적으세요."
        )
        raise ScriptError(mend)
    try:
        Script.model_validate(base)
    except ValidationError:
        load_script(beside)  # raises: a fault of the other is reported once, in its own file
    return _over(base, document)


def _over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Section by section; the questions are the script's own, each over the other's of the same name."""
    merged = dict(base)
    for key, value in own.items():
        if key == "questions" and isinstance(value, list):
            asked = {each.get("id"): each for each in base.get(key, []) if isinstance(each, dict)}
            merged[key] = [asked.get(each.get("id"), {}) | each if isinstance(each, dict) else each for each in value]
        elif isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = _over(base[key], value)
        else:
            merged[key] = value
    return merged


def _places(node: Any, prefix: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    keys: list[Any] = list(node) if isinstance(node, CommentedMap) else list(range(len(node)))
    for key in keys:
        name = f"{prefix}.{key}" if prefix else str(key)
        position = node.lc.key(key) if isinstance(node, CommentedMap) else node.lc.item(key)
        found.append((name, position[0] + 1))
        if isinstance(node[key], CommentedMap | CommentedSeq):
            found += _places(node[key], name)
    return found


def _plain(node: Any) -> Any:
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    return node


_MENDS = {
    "extra_forbidden": "모르는 이름입니다. 철자를 확인하거나 지우세요",
    "missing": "꼭 있어야 하는데 없습니다. 이 이름으로 한 줄 적어 주세요",
    "string_too_short": "비어 있습니다. 말할 문장을 적어 주세요",
    "string_too_long": "너무 깁니다. 200자 안으로 나누어 주세요",
    "string_type": "글이어야 합니다. 따옴표로 묶어 주세요",
    "literal_error": "쓸 수 없는 값입니다. 쓸 수 있는 값: {expected}",
    "enum": "쓸 수 없는 값입니다. 쓸 수 있는 값: {expected}",
    "greater_than_equal": "너무 작습니다. {ge} 이상으로 적어 주세요",
    "less_than_equal": "너무 큽니다. {le} 이하로 적어 주세요",
    "string_pattern_mismatch": "영문 소문자, 숫자, 붙임표만 쓸 수 있습니다 (예: weekly-checkin)",
    "bool_parsing": "true 또는 false 로 적어 주세요",
    "float_parsing": "숫자로 적어 주세요",
    "int_parsing": "숫자로 적어 주세요",
    "model_type": "그 아래에 '이름: 값' 을 들여 적어 주세요",
    "tuple_type": "'- ' 로 시작하는 목록이어야 합니다",
    "too_short": "질문이 하나 이상 있어야 합니다",
}


def _faults(error: ValidationError, file: ScriptFile) -> list[str]:
    faults = []
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"])
        own = str(fault.get("ctx", {}).get("error", fault["msg"]))  # may hold braces: an example of a condition
        known = _MENDS.get(fault["type"])
        mend = own if known is None else known.format(**fault.get("ctx", {}))
        value = "" if fault["type"] == "missing" else f" 값 {str(fault['input'])[:40]!r}:"
        faults.append(f"{file.place_of(key)}: {key}:{value} {mend}.")
    return faults
