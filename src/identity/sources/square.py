"""Square: customers, transactions and items (exports.md section 6).

A transaction may be paid by several payments and be refunded in a row of its own, so rows are told apart by
transaction, payment and event; items have no key and are told apart by their content and their count. People are
joined by `Customer ID`, never by name.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import AddressColumns, ConsentColumn, Events, NameColumns, RecordColumns, Source, Typed
from identity.sources.text import column, with_column

CUSTOMER = RecordColumns(
    key="Square Customer ID",
    names=(NameColumns(given="First Name", family="Last Name"),),
    emails="Email Address",
    phones="Phone Number",
    addresses=(
        AddressColumns(
            line1="Street Address 1",
            line2="Street Address 2",
            city="City",
            region="State",
            postal_code="Postal Code",
        ),
    ),
    identifiers={"customer_id": "Reference ID"},
    company="Company Name",
    birth_date="Birthday",
    consents=(ConsentColumn("Email Subscription Status", "email"),),
    created_at="First Visit",
)


def prepare_sale(rows: pa.Table) -> pa.Table:
    """Put date and time into one column; `happened` is read in the zone of `Time Zone`."""
    happened = pc.binary_join_element_wise(
        column(rows, "date"), column(rows, "time"), " ", null_handling="replace", null_replacement=""
    )
    return with_column(rows, "happened", happened)


_ITEM_TYPES: Mapping[str, Typed] = {
    "happened": "time", "Gross Sales": "amount", "Discounts": "amount", "Net Sales": "amount", "Tax": "amount",
    "Qty": "number",
}  # fmt: skip
_TRANSACTION_TYPES: Mapping[str, Typed] = {
    "happened": "time", "Gross Sales": "amount", "Discounts": "amount", "Net Sales": "amount", "Tax": "amount",
    "Partial Refunds": "amount", "Total Collected": "amount",
}  # fmt: skip

SOURCES = (
    Source(
        name="square_customer",
        system="square",
        signature=frozenset({"square customer id"}),
        record=CUSTOMER,
        columns=("Instant Profile",),
    ),
    Source(
        name="square_transaction",
        system="square",
        signature=frozenset({"transaction id", "event type", "total collected", "net total"}),
        events=(
            Events("std.order", "square_transaction", together=True),
            Events("std.refund", "square_refund", together=True),
        ),
        columns=(
            "Date", "Time", "Time Zone", "happened", "Gross Sales", "Discounts", "Service Charges", "Net Sales", "Tax",
            "Tip", "Partial Refunds", "Total Collected", "Source", "Transaction ID", "Payment ID", "Event Type",
            "Location", "Customer ID", "Transaction Status", "Channel",
        ),
        typed=_TRANSACTION_TYPES,
        zone="Time Zone",
        event_key=("Transaction ID", "Payment ID", "Event Type", "Date", "Time"),
        repeats=True,
        group="Transaction ID",
        prepare=prepare_sale,
        persons={"Customer ID": "square_customer"},
        order_keys=("Transaction ID", "Payment ID"),
        accounting=(
            "Date", "Time", "Time Zone", "Gross Sales", "Discounts", "Service Charges", "Net Sales", "Tax", "Tip",
            "Partial Refunds", "Total Collected", "Source", "Event Type", "Location", "Transaction Status", "Channel",
        ),
    ),
    Source(
        name="square_item",
        system="square",
        signature=frozenset({"transaction id", "event type", "item", "qty"}),
        events=(
            Events("std.order_item", "square_item", together=True),
            Events("std.order", "square_item_order", together=True),
        ),
        columns=(
            "Date", "Time", "Time Zone", "happened", "Category", "Item", "Qty", "Price Point Name", "SKU",
            "Gross Sales", "Discounts", "Net Sales", "Tax", "Transaction ID", "Payment ID", "Event Type", "Location",
            "Customer ID", "Channel", "Token",
        ),
        typed=_ITEM_TYPES,
        zone="Time Zone",
        event_key=(
            "Transaction ID", "Payment ID", "Event Type", "Item", "Price Point Name", "SKU", "Qty", "Gross Sales",
            "Token",
        ),
        repeats=True,
        group="Transaction ID",
        prepare=prepare_sale,
        persons={"Customer ID": "square_customer"},
        order_keys=("Transaction ID", "Payment ID", "Token"),
        order_object="square_transaction",
        accounting=(
            "Date", "Time", "Time Zone", "Category", "Item", "Qty", "Price Point Name", "SKU", "Gross Sales",
            "Discounts", "Net Sales", "Tax", "Event Type", "Location", "Channel",
        ),
    ),
)  # fmt: skip
