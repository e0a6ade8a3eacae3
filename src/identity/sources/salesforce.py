"""Salesforce: Contact, Lead and Account of the weekly data export, or a Data Loader file (exports.md 1a, 1b).

Headers are API names. A merged contact stays in the export with `IsDeleted` and the `MasterRecordId` of the
contact it was merged into; a converted lead names its contact. Both are the source's own word that two records
are one person. Opt-out flags say no when set and nothing when not.
"""

from identity.sources.base import AddressColumns, ConsentColumn, Events, NameColumns, RecordColumns, Source

_CONSENTS = (
    ConsentColumn("HasOptedOutOfEmail", "email", opt_out=True),
    ConsentColumn("HasOptedOutOfFax", "fax", opt_out=True),
    ConsentColumn("DoNotCall", "phone", opt_out=True),
)
_NAME = NameColumns(title="Salutation", given="FirstName", middle="MiddleName", family="LastName", suffix="Suffix")
_FLAGS = {"email_bounced": "EmailBouncedDate"}


def _address(prefix: str, kind: str) -> AddressColumns:
    return AddressColumns(
        kind=kind,
        line1=f"{prefix}Street",
        city=f"{prefix}City",
        region=(f"{prefix}StateCode", f"{prefix}State"),
        postal_code=f"{prefix}PostalCode",
        country=(f"{prefix}CountryCode", f"{prefix}Country"),
    )


CONTACT = RecordColumns(
    key="Id",
    names=(_NAME,),
    emails="Email",
    phones=("MobilePhone", "Phone", "HomePhone", "OtherPhone"),
    addresses=(_address("Mailing", "mailing"), _address("Other", "other")),
    identifiers={"customer_id": "Id"},
    gender="GenderIdentity",
    birth_date="Birthdate",
    consents=_CONSENTS,
    links={"salesforce_merged": ("MasterRecordId", "salesforce_contact")},
    company=("Account.Name", "Account Name"),
    company_id=("AccountId", "salesforce_account"),
    created_at="CreatedDate",
    updated_at=("LastModifiedDate", "SystemModstamp"),
    deleted="IsDeleted",
    flags=_FLAGS,
)

LEAD = RecordColumns(
    key="Id",
    names=(_NAME,),
    emails="Email",
    phones=("MobilePhone", "Phone"),
    addresses=(_address("", "mailing"),),
    identifiers={"customer_id": "Id"},
    gender="GenderIdentity",
    consents=_CONSENTS,
    links={
        "salesforce_converted": ("ConvertedContactId", "salesforce_contact"),
        "salesforce_merged": ("MasterRecordId", "salesforce_lead"),
    },
    company="Company",
    created_at="CreatedDate",
    updated_at=("LastModifiedDate", "SystemModstamp"),
    deleted="IsDeleted",
    flags=_FLAGS,
)

_PERSON = frozenset({"lastname", "firstname", "email"})

SOURCES = (
    Source(
        name="salesforce_contact",
        system="salesforce",
        signature=frozenset({"id", "accountid", "lastmodifieddate", *_PERSON}),
        without=frozenset({"isconverted", "convertedcontactid"}),
        record=CONTACT,
    ),
    Source(
        name="salesforce_lead",
        system="salesforce",
        signature=frozenset({"id", "isconverted", *_PERSON}),
        record=LEAD,
    ),
    Source(
        name="salesforce_account",
        system="salesforce",
        signature=frozenset({"id", "name", "billingcity", "lastmodifieddate"}),
        without=frozenset({"lastname"}),
        events=(Events("std.organisation", "salesforce_account"),),
        columns=("Id", "IsDeleted", "Name", "BillingCity", "BillingCountryCode", "BillingCountry", "Phone"),
        typed={"Phone": "phone", "BillingCountryCode": "country", "BillingCountry": "country"},
        event_key=("Id",),
        updated_at=("LastModifiedDate", "SystemModstamp"),
    ),
)
