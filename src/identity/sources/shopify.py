"""Shopify: customers, orders and abandoned checkouts (exports.md section 3).

Every order and checkout carries its own name, e-mail, phones and addresses and is a record to resolve; there is
no customer id in those files. Orders have one row per line item, and only the first row of an order carries
the order's own fields.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import (
    AddressColumns,
    ConsentColumn,
    Events,
    FileFacts,
    NameColumns,
    RecordColumns,
    Source,
    Typed,
)
from identity.sources.text import column, first_filled, key_value_lines, truth, with_column

CUSTOMER = RecordColumns(
    key="Customer ID",
    key_fallback=("Email", "Phone"),
    key_from_row=True,
    names=(NameColumns(given="First Name", family="Last Name"),),
    emails="Email",
    phones=("Phone", "Default Address Phone"),
    addresses=(
        AddressColumns(
            line1=("Default Address Address1", "Address1"),
            line2=("Default Address Address2", "Address2"),
            city=("Default Address City", "City"),
            region=("Default Address Province Code", "Province Code", "Province"),
            postal_code=("Default Address Zip", "Zip"),
            country=("Default Address Country Code", "Country Code", "Country"),
        ),
    ),
    identifiers={"customer_id": "Customer ID"},
    company=("Default Address Company", "Company"),
    consents=(
        ConsentColumn(("Accepts Email Marketing", "Accepts Marketing"), "email"),
        ConsentColumn("Accepts SMS Marketing", "sms"),
        ConsentColumn("Accepts WhatsApp Marketing", "whatsapp"),
    ),
    birth_date=("Birthday", "Date of birth", "Birth date"),
    tags="Tags",
)

ORDER_LEVEL = (
    "Financial Status", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Amount", "Shipping Method",
    "Billing Name", "Billing Zip", "Shipping Name", "Payment Method", "Refunded Amount", "Id", "Source",
    "Accepts Marketing",
)  # fmt: skip

ORDER_COLUMNS = (
    "Name", "Financial Status", "Fulfillment Status", "Currency", "Subtotal", "Shipping", "Taxes", "Total",
    "Discount Amount", "Created at", "Cancelled at", "Refunded Amount", "Location", "Id", "Source", "is_test",
    "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Lineitem discount", "Vendor",
    "Accepts Marketing", "Payment Method", "Note Attributes",
)  # fmt: skip

# What bookkeeping needs of an order whose person was erased.
ORDER_ACCOUNTING = (
    "Financial Status", "Fulfillment Status", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Amount",
    "Created at", "Cancelled at", "Refunded Amount", "Location", "Source", "Payment Method", "Lineitem quantity",
    "Lineitem name", "Lineitem price", "Lineitem sku", "Lineitem discount", "Vendor",
)  # fmt: skip

# Keys of `Note Attributes` lines as cash-on-delivery forms and form builders write them.
_NOTE_KEYS: Mapping[str, tuple[str, ...]] = {
    "note_name": ("name", "full name", "customer name", "your name", "nombre", "nom", "recipient name"),
    "note_given": ("first name", "given name"),
    "note_family": ("last name", "surname", "family name"),
    "note_email": ("email", "e mail", "email address", "customer email"),
    "note_phone": (
        "phone", "phone number", "mobile", "mobile number", "whatsapp", "whatsapp number", "telephone",
        "contact number", "customer phone",
    ),
    "note_address": (
        "address", "address 1", "address1", "full address", "street", "street address", "shipping address",
    ),
    "note_city": ("city", "town"),
    "note_region": ("state", "province", "region"),
    "note_zip": ("zip", "zip code", "postal code", "postcode", "pincode", "pin code"),
    "note_country": ("country",),
}  # fmt: skip


def _order_address(kind: str) -> AddressColumns:
    prefix = kind.capitalize()
    return AddressColumns(
        kind=kind,
        line1=(f"{prefix} Address1", f"{prefix} Street"),
        line2=f"{prefix} Address2",
        city=f"{prefix} City",
        region=(f"{prefix} Province", f"{prefix} Province Name"),
        postal_code=f"{prefix} Zip",
        country=f"{prefix} Country",
    )


def _order_person(key: str) -> RecordColumns:
    return RecordColumns(
        key=key,
        names=(
            NameColumns(full="Billing Name"),
            NameColumns(full="Shipping Name"),
            NameColumns(full="note_name", given="note_given", family="note_family"),
        ),
        emails=("Email", "note_email"),
        phones=("Phone", "Billing Phone", "Shipping Phone", "note_phone"),
        addresses=(
            _order_address("billing"),
            _order_address("shipping"),
            AddressColumns(
                kind="other",
                line1="note_address",
                city="note_city",
                region="note_region",
                postal_code="note_zip",
                country="note_country",
            ),
        ),
        company=("Billing Company", "Shipping Company"),
        consents=(ConsentColumn("accepts_marketing_yes", "email", at="Created at", evidence="Accepts Marketing"),),
        created_at="Created at",
        is_test="is_test",
    )


def _form_value(lines: Mapping[str, str], keys: tuple[str, ...]) -> str | None:
    return next((lines[key] for key in keys if key in lines), None)


def prepare_order(rows: pa.Table) -> pa.Table:
    """Add what was typed in forms (`note_…`), `is_test`, and the marketing tick as evidence of consent.

    A tick left empty at one purchase says nothing about consent given elsewhere, so only `yes` is evidence.
    """
    notes = column(rows, "note_attributes").combine_chunks().dictionary_encode()
    forms = [key_value_lines(text) for text in notes.dictionary.to_pylist()]
    for name, keys in _NOTE_KEYS.items():
        typed = pa.array([_form_value(lines, keys) for lines in forms], pa.string())
        rows = with_column(rows, name, typed.take(notes.indices))
    typed_address = pc.is_valid(column(rows, "note_address"))  # such forms leave the town to the order
    for part in ("city", "country"):
        known = first_filled(rows, f"note_{part}", f"shipping_{part}", f"billing_{part}")
        rows = with_column(rows, f"note_{part}", pc.if_else(typed_address, known, None))
    bogus = pc.match_substring_regex(column(rows, "payment_method"), r"(?i)bogus gateway|for testing")
    rows = with_column(rows, "is_test", pc.if_else(pc.fill_null(bogus, False), "true", "false"))
    yes = pc.equal(truth(column(rows, "accepts_marketing"), "yes"), "true")
    return with_column(
        rows, "accepts_marketing_yes", pc.if_else(pc.fill_null(yes, False), "yes", None).cast(pa.string())
    )


def _is_checkout(facts: FileFacts) -> bool:
    """Checkouts have `Name` = `#` + `Id` on every first row; an empty file is told by its name."""
    heads = [
        (str(row["name"]).strip(), str(row["id"]).strip().lstrip("'"))
        for row in facts.sample
        if row.get("id") and row.get("name")
    ]
    if heads:
        return all(name == f"#{key}" for name, key in heads)
    return "checkout" in facts.path.name.casefold()


def _is_customer(facts: FileFacts) -> bool:
    return bool(facts.columns & {"accepts email marketing", "accepts marketing"})


def prepare_checkout(rows: pa.Table) -> pa.Table:
    """As an order; continuation rows get the key of their first row from `Name` (`#` + `Id`)."""
    rows = prepare_order(rows)
    return with_column(rows, "id", pc.replace_substring_regex(column(rows, "name"), r"^\s*'?#", ""))


_ORDER_TYPES: Mapping[str, Typed] = {
    "Subtotal": "amount", "Shipping": "amount", "Taxes": "amount", "Total": "amount", "Discount Amount": "amount",
    "Refunded Amount": "amount", "Created at": "time", "Cancelled at": "time", "Lineitem quantity": "number",
    "Lineitem price": "amount", "Lineitem discount": "amount",
}  # fmt: skip
_ORDER_SIGNATURE = frozenset({"financial status", "lineitem name"})

SOURCES = (
    Source(
        name="shopify_customer",
        system="shopify",
        signature=frozenset({"total spent", "tax exempt"}),
        accepts=_is_customer,
        record=CUSTOMER,
    ),
    Source(
        name="shopify_order",
        system="shopify",
        signature=_ORDER_SIGNATURE,
        record=_order_person("Name"),
        events=(Events("std.order", "shopify_order"), Events("std.order_item", "shopify_order_item")),
        columns=ORDER_COLUMNS,
        prepare=prepare_order,
        typed=_ORDER_TYPES,
        document=ORDER_LEVEL,
        order_keys=("Name",),
        accounting=ORDER_ACCOUNTING,
    ),
    Source(
        name="shopify_checkout",
        system="shopify",
        signature=_ORDER_SIGNATURE,
        accepts=_is_checkout,
        priority=1,
        record=_order_person("Id"),
        events=(Events("std.touchpoint", "shopify_checkout"),),
        columns=ORDER_COLUMNS,
        prepare=prepare_checkout,
        typed=_ORDER_TYPES,
        document=tuple(name for name in ORDER_LEVEL if name != "Id"),
    ),
)
