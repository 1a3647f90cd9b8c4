"""What a service is started with: limits, tokens, models, register. Nothing of it comes from a client."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from platelight.detect import Effort
from platelight.session import Runtime

TOKENS_VARIABLE = "PLATELIGHT_TOKENS"
"""Environment variable that holds bearer tokens, separated by commas or white space."""

SHORTEST_TOKEN = 16
"""Characters a token must have at least; shorter ones can be guessed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, and all of them together, may ask for.

    `held_bytes` bounds the uploads that are in memory at once; `queue` the pictures that wait; `deadline_s` the time from the last
    byte of an upload to its answer; `upload_s` the time for an upload; `header_s` that for a request's head.
    """

    body_bytes: int = 32_000_000
    held_bytes: int = 512_000_000
    files: int = 16
    pixels: int = 50_000_000
    queue: int = 64
    batch: int = 8
    top: int = 50
    deadline_s: float = 30.0
    upload_s: float = 30.0
    header_s: float = 10.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)!r}")
        if self.held_bytes < self.body_bytes:
            raise ValueError(f"held_bytes must be at least body_bytes, got {self.held_bytes} and {self.body_bytes}")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which models read, and on what."""

    runtime: Runtime = "onnxruntime"
    threads: int = 1
    models: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a service is started with. `workers` 1 reads in the service's own process, more in processes of their own."""

    choice: ModelChoice = ModelChoice()
    effort: Effort = "normal"
    workers: int = 1
    limits: Limits = Limits()
    tokens: Tokens = field(default_factory=lambda: Tokens(()))
    origins: tuple[str, ...] = ()
    upload_hosts: tuple[str, ...] = ()
    register: Path | None = None
    log_plates: bool = False

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"workers must be 1 or more, got {self.workers}")


class Tokens:
    """The tokens that open the service; none means that it is open. Only their hashes are kept."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        for token in tokens:
            if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
                raise ValueError(f"a token needs {SHORTEST_TOKEN} printable ASCII characters or more, without spaces; one has {len(token)}")
        self._hashes = tuple(sha256(token.encode()).digest() for token in tokens)

    @classmethod
    def of(cls, path: Path | None, environment: Mapping[str, str]) -> Tokens:
        """Tokens from a file (one a line, # begins a comment) and from the environment. Raises OSError and ValueError."""
        lines = path.read_text(encoding="utf-8").splitlines() if path else []
        found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if path and not found:
            raise ValueError(f"{path}: holds no token; the service would be open")
        found += [token for token in re.split(r"[,\s]+", environment.get(TOKENS_VARIABLE, "")) if token]
        return cls(tuple(found))

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def opens(self, header: str | None) -> bool:
        """Whether an Authorization header holds one of the tokens; takes the same time for any wrong token."""
        if not self._hashes:
            return True
        kind, _, token = (header or "").strip().partition(" ")
        if kind.lower() not in ("bearer", "token"):
            return False
        digest = sha256(token.strip().encode("utf-8", "surrogateescape")).digest()
        return sum(hmac.compare_digest(digest, known) for known in self._hashes) > 0  # not any(), which would stop at the first
