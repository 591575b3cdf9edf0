"""What people say in the large organizer: sentences whose words are as common and as rare as on a real desk."""

import random
from dataclasses import dataclass

from helpdesk.core.fulltext import tokens

POOL = 3_000  # sentences of each language; messages are put together of them
ENGLISH = """the a to of and is it for my in on was not this that have with please order parcel refund delivery size
colour broken invoice address company bottle warehouse courier yesterday today tomorrow waiting payment card bank
account email phone call answer help thanks hello received missing wrong exchange return policy days week screen
battery charger cable box package label tracking number website checkout discount voucher code gift store shop
customer agent manager photo picture attached again still never always before after because between heavy light
leather cotton zipper handle wheel engine filter pump valve sensor adapter socket helmet jacket tent stove lamp
kettle blender mattress pillow curtain carpet drawer hinge screw manual warranty repair replacement technician
appointment morning evening saturday complaint urgent polite scratched leaking noisy loose cracked faded torn
shrunk stained expired counterfeit customs duty import export pallet container ferry airport"""
VIETNAMESE = """của và là có không cho tôi bạn này đó được đã đang sẽ với trong ngày hôm nay mai qua đơn hàng giao nhận
hoàn tiền hóa đỏ đổi trả sản phẩm lỗi vỡ hỏng thiếu nhầm cỡ màu địa chỉ công ty điện thoại số tài khoản ngân thanh
toán chuyển khoản mã giảm giá kho vận shop em anh chị cảm ơn xin chào vui lòng kiểm tra giúp mình gấp lắm rồi chưa
thấy ai báo lại bình giữ nhiệt áo quần giày dép túi xách vải bông da khóa kéo tay cầm bánh xe máy lọc bơm van cảm
biến sạc dây cáp hộp nhãn theo dõi trang mạng quà tặng cửa ảnh chụp đính kèm bảo hành sửa chữa thay thế kỹ thuật
viên hẹn sáng chiều tối thứ bảy khiếu nại trầy xước rò rỉ ồn lỏng nứt phai rách co bẩn hết hạn giả hải quan thuế
nhập khẩu xuất bến cảng sân bay nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý"""
SYLLABLES = (
    "ra",
    "ve",
    "lo",
    "mi",
    "tor",
    "ben",
    "sol",
    "kan",
    "dex",
    "fu",
    "pra",
    "qui",
    "zen",
    "hal",
    "ost",
)
CODES = ("DH", "RX", "MOD", "SKU")


@dataclass(frozen=True)
class Saying:
    """A piece of text and its words, taken apart once."""

    text: str
    tokens: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Saying":
        """Anything."""
        return cls(text, tokens([text]))


class Sayings:
    """A speaker with a good memory: the same random numbers make the same sentences."""

    def __init__(self, pick: random.Random) -> None:
        self.pick = pick
        self.pools = {"en": self._pool(ENGLISH.split()), "vi": self._pool(VIETNAMESE.split())}

    def _pool(self, common: list[str]) -> list[Saying]:
        weights = [1 / (place + 3) for place in range(len(common))]
        return [Saying.of(self._sentence(common, weights)) for _ in range(POOL)]

    def _sentence(self, common: list[str], weights: list[float]) -> str:
        words = self.pick.choices(common, weights, k=self.pick.randrange(5, 13))
        if self.pick.random() < 0.4:  # a brand, a place: in a few tickets of a hundred thousand
            words.insert(2, "".join(self.pick.choices(SYLLABLES, k=3)))
        return f"{' '.join(words).capitalize()}."

    def subject(self, language: str) -> Saying:
        """One sentence, and now and then a code that is nowhere else."""
        said = self.pick.choice(self.pools[language])
        return self._with_code(said) if self.pick.random() < 0.3 else said

    def message(self, language: str) -> Saying:
        """One to five sentences, and now and then a code."""
        parts = self.pick.choices(self.pools[language], k=self.pick.randrange(1, 6))
        said = Saying(
            " ".join(part.text for part in parts), frozenset().union(*(part.tokens for part in parts))
        )
        return self._with_code(said) if self.pick.random() < 0.2 else said

    def _with_code(self, said: Saying) -> Saying:
        code = f"{self.pick.choice(CODES)}{self.pick.randrange(10**6, 10**7)}"
        return Saying(f"{said.text} {code}", said.tokens | {code.lower()})
