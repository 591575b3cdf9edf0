"""What a doubtful form must bring: a little work of the browser, or a little patience. No puzzle, no other service.

The work is a number after which the hash of our signed text begins with so many zero bits. It is bound to one form,
of which one request is made however often it comes: an answer is good for nothing else, and not for long.
"""

import hashlib
from dataclasses import dataclass

from helpdesk.core.signing import age_seconds, sign, stamp, unsign

PURPOSE = "challenge"
BITS, MOST_BITS = 14, 18  # 16,000 tries on average: about a second on a phone
WAIT_SECONDS = 30
LIFE_SECONDS = 3600


@dataclass(frozen=True)
class Challenge:
    """Signed by us: for which form, how hard, since when."""

    nonce: str  # of the form
    bits: int
    issued_at: float

    @classmethod
    def fresh(cls, nonce: str, bits: int = BITS) -> "Challenge":
        """For a form that is doubted now; never too hard for an old telephone."""
        return cls(nonce, min(max(bits, 1), MOST_BITS), stamp())

    @classmethod
    def read(cls, text: str, nonce: str) -> "Challenge | None":
        """What came back with a form; None if we did not make it for this one, or long ago."""
        said = unsign(PURPOSE, text) if text else None
        if not isinstance(said, list) or len(said) != 3 or said[0] != nonce:
            return None
        challenge = cls(*said)
        return challenge if 0 <= age_seconds(challenge.issued_at) <= LIFE_SECONDS else None

    @property
    def text(self) -> str:
        """What stands in the form, and what is hashed."""
        return sign(PURPOSE, [self.nonce, self.bits, self.issued_at])

    @property
    def seconds_left(self) -> int:
        """How long a browser without scripts still has to wait."""
        return max(0, WAIT_SECONDS - int(age_seconds(self.issued_at)))

    def is_met_by(self, proof: str) -> bool:
        """Whether the work was done, or the time was waited."""
        return self.seconds_left == 0 or self._is_solved_by(proof)

    def _is_solved_by(self, proof: str) -> bool:
        if not (proof.isascii() and proof.isdigit() and len(proof) <= 12):
            return False
        hashed = hashlib.sha256(f"{self.text}:{proof}".encode()).digest()
        return int.from_bytes(hashed, "big") >> (256 - self.bits) == 0
