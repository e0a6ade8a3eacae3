"""JSON as it was written: numbers in their source text, nesting measured, arrays read value by value."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from identity.landing.model import Refusal
from identity.settings_groups import LimitSettings

MAX_LINE = 64 << 20
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")


class Number(str):
    """A number as its source text."""

    __slots__ = ()


DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


def depth_of(text: str) -> int:
    """Nesting of brackets outside strings; exact only where it could pass the limits in use."""
    if text.count("[") + text.count("{") <= 16:
        return 0
    depth = deepest = 0
    for char in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if char in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def elements(text: Iterator[bytes], limits: LimitSettings) -> Iterator[tuple[Any, str]]:
    """The values of a JSON array with their source text. Raises Refusal where the array breaks."""
    buffer = _Buffer(text)
    if not buffer.skip("["):
        raise Refusal("invalid_json", "not a JSON array; export NDJSON, one object per line")
    if buffer.skip("]"):
        buffer.expect_end()
        return
    while True:
        yield buffer.value(limits)
        if buffer.skip("]"):
            buffer.expect_end()
            return
        if not buffer.skip(","):
            raise buffer.refusal()


class _Buffer:
    """A window over the text of a JSON array."""

    def __init__(self, text: Iterator[bytes]) -> None:
        self._blocks = text
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._text = ""
        self._at = 0
        self._gone = 0
        self._whole = False

    def skip(self, char: str) -> bool:
        """Pass over white space and then this character, if it comes next."""
        while True:
            match = _SPACE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._text) or not self._more():
                break
        if self._text.startswith(char, self._at):
            self._at += 1
            return True
        return False

    def value(self, limits: LimitSettings) -> tuple[Any, str]:
        """The next value and its text."""
        self.skip("\0")
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise Refusal("nesting", f"nested deeper than {limits.max_nesting}; flatten the export") from None
            except ValueError:
                if not self._more():
                    raise self.refusal() from None
                continue
            if end == len(self._text) and self._more():
                continue
            source, self._at = self._text[self._at : end], end
            if depth_of(source) > limits.max_nesting:
                raise Refusal("nesting", f"nested deeper than {limits.max_nesting}; flatten the export")
            return value, source

    def expect_end(self) -> None:
        """Nothing but white space may follow the array."""
        self.skip("\0")
        if self._at < len(self._text):
            raise self.refusal()

    def refusal(self) -> Refusal:
        """Where the array breaks, in characters from its start."""
        place = self._gone + self._at
        return Refusal("invalid_json", f"the array breaks near character {place}; export it again, best as NDJSON")

    def _more(self) -> bool:
        if self._whole:
            return False
        if len(self._text) - self._at > MAX_LINE:
            raise Refusal("line_too_long", f"a value of more than {MAX_LINE >> 20} MiB; check the export")
        self._gone += self._at
        block = next(self._blocks, None)
        self._whole = block is None
        try:
            more = self._decoder.decode(block or b"", final=self._whole)
        except UnicodeDecodeError:
            raise Refusal("invalid_bytes", "the array is not valid UTF-8; export it as UTF-8") from None
        self._text, self._at = self._text[self._at :] + more, 0
        return True
