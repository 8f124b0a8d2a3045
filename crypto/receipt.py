"""Receipts: what a gateway says it carried of a passage, signed with its site's key.

Compared with the permitted path afterwards; a receipt proves who said it, not that it is so.
"""

from dataclasses import asdict, dataclass

from crypto.encoding import Buffer, Fields, document
from crypto.errors import FormatError
from crypto.signed import body_of, signed, verified
from crypto.signing import SigningKey
from crypto.trust import TrustBundle
from policy.canonical import canonical, digest

_DOMAIN = "sekisho/receipt/v1"
_LIMIT = 64 << 10
_TEXTS = ("passage", "permit", "site", "source", "destination", "root")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One gateway's part of a passage.

    `source` and `destination` are the neighbours it received from and sent to (its own id at an
    end), `spans` those that `segments` segments of `octets` sealed bytes went out over, `root` is
    `manifest.segments_root` of what it saw; times are unix seconds.
    """

    passage: str
    permit: str
    site: str
    source: str
    destination: str
    spans: tuple[str, ...]
    segments: int
    octets: int
    root: str
    started: int
    ended: int

    def __post_init__(self) -> None:
        """Raise FormatError for a receipt that ends before it starts."""
        if self.ended < self.started:
            raise FormatError("receipt: it ends before it starts")

    @property
    def digest(self) -> str:
        """Return `sha256:<hex>` of the receipt's canonical bytes."""
        return digest(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is signed."""
        return canonical({"v": 1, **asdict(self)})

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "Receipt":
        """Return an UNSIGNED receipt; raises FormatError."""
        fields = Fields(document(raw, "receipt", limit=_LIMIT), ("v", *cls.__slots__), "receipt")
        if fields.number("v") != 1:
            raise FormatError("receipt: another version")
        passage, permit, site, source, destination, root = map(fields.text, _TEXTS)
        return cls(
            passage=passage,
            permit=permit,
            site=site,
            source=source,
            destination=destination,
            spans=fields.texts("spans"),
            segments=fields.number("segments"),
            octets=fields.number("octets"),
            root=root,
            started=fields.number("started"),
            ended=fields.number("ended"),
        )


def sign_receipt(receipt: Receipt, key: SigningKey) -> bytes:
    """Return the receipt with the signature of its site; FormatError if it would not be read."""
    body = receipt.to_bytes()
    Receipt.from_bytes(body)
    return signed(_DOMAIN, body, [key])


def verify_receipt(raw: Buffer, trust: TrustBundle, now: int) -> Receipt:
    """Return the receipt if a key with role `site:<its site>` signed it, at `now` in unix seconds.

    Raises:
        TrustError: the trust bundle is not in force, or another key signed.
        ForgedError, FormatError: altered or malformed.
    """
    trust.check(now)
    claimed = Receipt.from_bytes(body_of(_DOMAIN, raw, limit=_LIMIT))
    keys = trust.verify_keys(f"site:{claimed.site}").values()
    verified(_DOMAIN, raw, keys, limit=_LIMIT)
    return claimed
