"""Names and labels of what a stack consists of: pure functions of names under a target's rules."""

import hashlib
import re
from dataclasses import dataclass

from pilothouse.errors import InvalidInput, Problem, shown

SHORTEST_LIMIT = 24
"""Characters below which a name could not tell its platform, its role and its stack apart."""

_STACK = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_ROLE = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_LOWER_CASE_LABEL = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
_DIGEST = 6
_GLOBAL_DIGEST = 10


@dataclass(frozen=True, kw_only=True)
class NamingRule:
    """What a service takes as a name: lower-case letters, digits and the separator.

    limit: characters at most; at least SHORTEST_LIMIT.
    separator: between the parts of a name; empty where only letters and digits are taken.
    is_global: the name must be unique among all customers of a cloud, so its digest is longer.
    """

    limit: int = 63
    separator: str = "-"
    is_global: bool = False

    def name(self, platform: str, stack: str, role: str) -> str:
        """`<platform>-<stack>-<role>-<digest>`, the same in every run.

        A name longer than `limit` is cut, and a digest of the whole is put in. Raises ValueError
        for a role that is no lower-case name, and for a limit below SHORTEST_LIMIT.
        """
        if not _ROLE.fullmatch(role) or self.limit < SHORTEST_LIMIT:
            raise ValueError(f"no name for role {role!r} in {self.limit} characters")
        suffix = self.suffix(platform, stack)
        words = "-".join(filter(None, (plain(platform), plain(stack), role)))
        head = words.replace("-", self.separator)
        room = self.limit - len(suffix) - len(self.separator)
        if len(head) > room:
            cut = head[: room - _DIGEST - len(self.separator)].rstrip("-")
            head = f"{cut}{self.separator}{digest(words)}"
        return f"{head}{self.separator}{suffix}"

    def suffix(self, platform: str, stack: str) -> str:
        """What every name of this stack, and of no other, ends with."""
        return digest(platform, stack, length=_GLOBAL_DIGEST if self.is_global else _DIGEST)


@dataclass(frozen=True, kw_only=True)
class LabelRule:
    """What a target takes as the value of a tag or a label.

    limit: characters at most. lower_case: only lower-case letters, digits, `_` and `-`; otherwise
    letters of both cases and dots too.
    """

    limit: int = 63
    lower_case: bool = False

    def value(self, text: str) -> str:
        """`text` if it is valid, else the nearest value that is, with a digest of the whole."""
        pattern = _LOWER_CASE_LABEL if self.lower_case else _LABEL
        if len(text) <= self.limit and pattern.fullmatch(text):
            return text
        cut = plain(text)[: self.limit - _DIGEST - 1].rstrip("-")
        return f"{cut}-{digest(text)}".lstrip("-")


def check_stack(stack: str) -> None:
    """Raise InvalidInput unless `stack` is a stack's name as Pulumi takes it."""
    if _STACK.fullmatch(stack) and stack.strip("."):
        return
    remedy = "use up to 100 letters, digits, dashes, dots and underscores"
    raise InvalidInput([Problem(file="", key="stack", found=shown(stack), remedy=remedy)])


def plain(text: str) -> str:
    """`text` in lower case, with a dash for whatever is no letter and no digit."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def digest(*texts: str, length: int = _DIGEST) -> str:
    """The first hexadecimal digits of a digest of `texts`."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:length]
