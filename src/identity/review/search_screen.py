"""Search by name, e-mail, phone, other id, order number, record or profile id.

What is searched for is sent in a form: it stays out of addresses, and so out of histories and logs.
"""

import re

from starlette.responses import Response

from identity.errors import ConfigurationError
from identity.review import sides
from identity.review.visit import Visit
from identity.standard.names import parse_name
from identity.standardising.blocked import match_key

_PROFILE = re.compile(r"P[A-Z2-7]{10,}")
_LONGEST = 200


def empty(visit: Visit) -> Response:
    """The form."""
    return visit.show("search.html.j2", asked="", rows=None, total=0)


def search(visit: Visit) -> Response:
    """Profiles whose records hold what was typed."""
    asked = " ".join(visit.given("q").split())
    if not asked or len(asked) > _LONGEST:
        raise ConfigurationError(f"type 1 to {_LONGEST} characters")
    at = visit.page.desk
    if _PROFILE.fullmatch(asked) and at.rows("fate_of", profile_id=asked):
        return visit.go("profiles", asked)
    source, colon, source_pk = asked.partition(":")
    if colon:
        facts = at.facts([(source, source_pk)])
        if facts:
            return visit.go("profiles", str(next(iter(facts.values()))["profile_id"]))
    found: dict[str, list[str]] = {}
    for row in visit.page.rows("search", **_parameters(visit, asked)):
        found.setdefault(row["profile_id"], []).append(row["found_by"])
    visit.page.offer("wanted_profile", profile_id=list(found)[:50])
    rows = visit.page.rows("golden")
    for row in rows:
        for column in sides.GOLDEN:
            row[column] = sides.golden_text(column, row[column], masked=visit.is_masked)
        row["found_by"] = ", ".join(found[row["profile_id"]])
    visit.saw("search", f"{len(rows)} profiles")
    return visit.show("search.html.j2", asked=asked, rows=rows, total=len(found))


def _parameters(visit: Visit, asked: str) -> dict[str, object]:
    """Every way to read what was typed."""
    region = visit.page.settings.region
    keys = {match_key(kind, asked, region) for kind in ("email", "phone", "loyalty_id")} | {asked, asked.lower()}
    name = parse_name(full=asked)
    given, family = (name.given_key or "", name.family_key or "") if name else ("", "")
    if given and not family:
        given, family = "", given
    return {
        "keys": sorted(key for key in keys if key),
        "given": given,
        "family": family,
        "number": asked.lower().lstrip("#"),
    }
