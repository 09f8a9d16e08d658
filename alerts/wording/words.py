"""The shape of what we ship."""

from dataclasses import dataclass

# The case of a script that is written instead of said: to WeChat, or where no call is wanted.
WRITTEN = "wechat"


@dataclass(frozen=True)
class Words:
    """One script; `offer` is what may be given on this call, in words, with its cost in yuan."""

    kind: str
    text: str
    level: str = ""
    tier: str = ""
    offer: str = ""
    offer_cost: int = 0


@dataclass(frozen=True)
class Answer:
    """What to answer to a refusal; `reason` is its word among the reasons of TASK-7."""

    reason: str
    said: str
    text: str
