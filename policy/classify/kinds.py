"""The kinds of thing that detectors find, and the categories that each brings.

The names are the contract of `sekisho classify`; the categories are those of
`taxonomy/categories.yaml`. How sensitive a category is, is said there and nowhere here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NONE: Final = "none"

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "person": ("name",),
        "organisation": ("organisation",),
        "address": ("contact",),
        "organisation_address": ("organisation",),
        "email": ("contact",),
        "phone": ("contact",),
        "birth_date": ("birth-date",),
        "postal_code": (),
        "card": ("card",),
        "bank_account": ("bank-account",),
        "diagnosis": ("diagnosis",),
        "secret": ("secret",),
        "eccn": ("us-export-controlled",),
        "ear99": ("ear99",),
        "ip": ("online-identifier",),
        "gtin": (),
        "jp.my_number": ("my-number",),
        # Published by the tax agency for every company: it must not raise anything.
        "jp.corporate_number": ("corporate-number",),
        "jp.invoice_number": (),
        "jp.resident_code": ("identifier",),
        "jp.drivers_licence": ("identifier",),
        "jp.passport": ("identifier",),
        "jp.residence_card": ("identifier",),
        # These two name an insurer or a town, not a person.
        "jp.insurer_number": (),
        "jp.care_insurer_number": (),
        "jp.municipality_code": (),
        "jp.insured_number": ("insurance-number",),
        "jp.care_insured_number": ("insurance-number",),
        "jp.pension_number": ("identifier",),
        "jp.employment_insurance": ("identifier",),
        "jp.export_control": ("export-controlled",),
        "itar": ("usml",),
        "marking.top_secret_document": ("top-secret-document",),
        "marking.secret_document": ("secret-document",),
        "marking.gov_c3": ("gov-c3",),
        "marking.gov_c2": ("gov-c2",),
        "marking.gov_c1": ("gov-c1",),
        "marking.lg_c3a": ("lg-c3a",),
        "marking.lg_c3b": ("lg-c3b",),
        "marking.lg_c3c": ("lg-c3c",),
        "marking.sds": ("jp-sds",),
        "marking.msds": ("jp-msds",),
        "marking.us_classified": ("us-classified",),
        "marking.nato_classified": ("nato-classified",),
        "marking.eu_classified": ("eu-classified",),
        "marking.economic_security": ("economic-security",),
        "marking.trade_secret": ("trade-secret",),
        "marking.cui": ("cui",),
        "marking.noforn": ("noforn",),
        "marking.tlp_red": ("tlp-red",),
        "marking.tlp_amber_strict": ("tlp-amber-strict",),
        "marking.tlp_amber": ("tlp-amber",),
        "marking.tlp_green": ("tlp-green",),
        "sign.tlp_clear": ("tlp-clear",),
        "sign.public": ("public",),
        "sign.open_licence": ("public",),
        "sign.press_release": ("public",),
        "sign.public_register": ("public",),
        "sign.statistics": ("statistics",),
    }
)
"""Kind -> the categories that it brings; none where it is not sensitive by itself."""

PUBLICATION: Final = frozenset(
    {kind for kind in CATEGORIES if kind.startswith("sign.")} | {"marking.gov_c1"}
)
"""Signs that the content was published. They lower nothing that anything else raises."""

PERSONAL: Final = frozenset(
    {
        "person", "address", "email", "phone", "birth_date", "card", "bank_account", "diagnosis",
        "jp.my_number", "jp.resident_code", "jp.drivers_licence", "jp.passport",
        "jp.residence_card", "jp.insured_number", "jp.care_insured_number", "jp.pension_number",
        "jp.employment_insurance",
    }
)  # fmt: skip
"""Kinds whose rows are counted as persons."""
