"""The desk where requests come in: from what was typed to a request in the store, and to its answer."""

from pathlib import Path

from identity.errors import ConfigurationError
from identity.privacy import access, requests, target
from identity.privacy.digests import digest, value_digest
from identity.privacy.erasing import Account, Say, erase, forget_plans, plan_for
from identity.privacy.person import Traces, values_of
from identity.privacy.plan import Plan
from identity.privacy.requests import Asked, Request, Strategy, Type
from identity.privacy.target import Target
from identity.runs.store import has_store, open_store, store_secret
from identity.settings import Settings


def ask(
    settings: Settings, kind: Type, text: str, *, by: str, reason: str, strategy: Strategy = "connected",
    chosen: tuple[str | None, str] = (None, ""),
) -> tuple[Request, Target | None]:  # fmt: skip
    """Record a request; `chosen` is the profile of a shared identifier and the request's scope.

    An erasure that is under way for the same words is found again, without its target. Raises ConfigurationError as
    `target.find` does.
    """
    if not by.strip() or not reason.strip():
        raise ConfigurationError("say who asks (--by) and why (--reason)")
    store, secret = open_store(settings), store_secret(settings.state)
    profile, scope = chosen
    words = digest(secret, "target", kind, text.strip(), profile or "")
    for request in requests.every(store, "running"):
        if request.target_digest == words and request.strategy == strategy:
            return request, None
    found = target.find(settings, text, profile)
    traces = values_of(settings, found)
    asked = Asked(kind, strategy, words, next(iter(found.profiles), None), by.strip(), reason.strip(), scope)
    return requests.add(store, asked, _keys(traces, secret)), found


def _keys(traces: Traces, secret: bytes) -> set[tuple[str, str]]:
    """Keyed digests of the records and identifiers that a request is about."""
    records = {("record", digest(secret, "record", *key)) for key in traces.records}
    return records | {("identifier", value_digest(secret, key)) for _, key in traces.identifiers}


def preview(settings: Settings, text: str, strategy: Strategy, profile: str | None) -> Plan:
    """What an erasure would remove."""
    return plan_for(settings, "preview", strategy, target.find(settings, text, profile))


def carry_out(settings: Settings, request: Request, found: Target | None, say: Say) -> Account:
    """Erase now."""
    return erase(settings, request, lambda: found or recall(settings, request), say)


def recall(settings: Settings, request: Request) -> Target:
    """Who an open request is about, found again by its digests: nothing else of the person was kept."""
    store, secret = open_store(settings), store_secret(settings.state)
    if request.strategy == "connected" and request.profile_id is not None:
        return target.find(settings, request.profile_id)
    records = requests.keys_of(store, request.request_id, "record")
    values = requests.keys_of(store, request.request_id, "identifier")
    found = target.by_digest(settings, secret, records, values)
    if found is None:
        raise ConfigurationError(f"request {request.request_id}: nothing is held under its keys any more")
    return found


def carry_out_open(settings: Settings, say: Say = lambda _text: None) -> list[Account]:
    """Erase everybody whose erasure is requested and not done, oldest request first."""
    waiting = [
        request for request in requests.every(open_store(settings), "open", "running") if request.type == "erase"
    ]
    return [carry_out(settings, request, None, say) for request in waiting]


def done_before(settings: Settings, kind: Type, text: str, profile: str | None) -> Request | None:
    """The request of the same words that was carried out already; what a kill left of its end is finished."""
    forget_plans(settings)
    store, secret = open_store(settings), store_secret(settings.state)
    words = digest(secret, "target", kind, text.strip(), profile or "")
    done = [request for request in requests.every(store, "done") if request.target_digest == words]
    return done[-1] if done else None


def readmit(settings: Settings, request_id: str, *, by: str, reason: str) -> int:
    """Let an erased person be delivered again; returns how many tombstones were lifted.

    What was erased stays erased: only what is delivered from now on is read. Raises ConfigurationError for what is no
    erasure that was carried out.
    """
    if not by.strip() or not reason.strip():
        raise ConfigurationError("say who decides (--by) and why (--reason)")
    store = open_store(settings)
    request = requests.find(store, request_id)
    if (request.type, request.status) != ("erase", "done"):
        raise ConfigurationError(f"request {request_id} is {request.type}, {request.status}: no erasure to withdraw")
    return requests.lift(store, request, by=by.strip(), reason=reason.strip())


def answer(
    settings: Settings, text: str, output: Path, *, by: str, reason: str, strategy: Strategy, profile: str | None
) -> tuple[Request, dict[str, int]]:
    """Answer a request of access by a file; returns the request and how many rows each section has."""
    store = open_store(settings)
    request, found = ask(settings, "access", text, by=by, reason=reason, strategy=strategy, chosen=(profile, ""))
    plan = plan_for(settings, request.request_id, strategy, found or recall(settings, request))
    requests.remember_export(store, str(output.resolve()), "", "access", 1)
    counts = access.write(output, access.document(settings, request, plan))
    return close(settings, request), counts


def stand(
    settings: Settings, kind: Type, text: str, *, by: str, reason: str, chosen: tuple[str | None, str], withdraw: bool
) -> Request:  # fmt: skip
    """Record an objection or restriction, which stands until it is withdrawn; every run acts on those that stand."""
    store = open_store(settings)
    if not withdraw:
        request, _ = ask(settings, kind, text, by=by, reason=reason, chosen=chosen)
        return request
    found = target.find(settings, text, chosen[0])
    standing = [
        request
        for request in requests.every(store, "open")
        if request.type == kind and request.scope == chosen[1] and request.profile_id in found.profiles
    ]
    if not standing:
        raise ConfigurationError(f"no such {kind} stands for that {found.kind}")
    for request in standing:
        requests.mark(store, request.request_id, "withdrawn")
    return requests.find(store, standing[-1].request_id)


def restricted(settings: Settings) -> list[str]:
    """Profiles that exports leave out: those restricted now, under the id that carries them on."""
    if not has_store(settings) or not settings.warehouse.exists():
        return []
    named = [
        request.profile_id
        for request in requests.every(open_store(settings), "open")
        if request.type == "restrict" and request.profile_id is not None
    ]
    return sorted({current for profile in named for current in target.carried_on(settings, profile)})


def close(settings: Settings, request: Request) -> Request:
    """A request that was answered."""
    store = open_store(settings)
    requests.mark(store, request.request_id, "done")
    return requests.find(store, request.request_id)
