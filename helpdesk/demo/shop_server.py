"""The demo merchant's own server: it knows who is signed in to the shop and what he ordered, and signs that."""

import secrets
from dataclasses import dataclass
from typing import Any

import jwt

from helpdesk.core import clock
from helpdesk.organizers.form_key import FormKey

LIFE_SECONDS = 540
ORDER: dict[str, Any] = {
    "id": "DH-10042", "placed_at": "2026-11-20", "total": "1.530.000 ₫", "status": "Đang giao hàng",
    "items": [
        {"sku": "BAG-1", "name": "Ba lô vải bạt", "quantity": 1},
        {"sku": "BTL-2", "name": "Bình thép", "quantity": 2},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class ShopServer:
    """It has the secret of the form; the visitor's browser gets only what was signed with it, for some minutes."""

    form: FormKey

    @property
    def customer(self) -> dict[str, str]:
        """Who is signed in to the shop."""
        return {"email": "thu.ha@mail.example", "name": "Trần Thu Hà", "external_id": "C-2207"}

    @property
    def order(self) -> dict[str, Any]:
        """His last order."""
        return ORDER

    def token(self) -> str:
        """What the page of the shop gives to the form."""
        now = int(clock.now().timestamp())
        claims = self.customer | {
            "order": ORDER, "vip": False, "iat": now, "exp": now + LIFE_SECONDS, "jti": secrets.token_hex(12),
            "aud": self.form.key,
        }  # fmt: skip
        return jwt.encode(claims, self.form.secret, "HS256")
