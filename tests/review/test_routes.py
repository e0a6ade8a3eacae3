"""Every route of the review application: who may open it, and what it refuses (P21)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from identity.review import accounts
from identity.review.access import SESSION
from identity.review.accounts import Role
from identity.review.web import SCREENS, Screen
from tests.support.office import PASSWORD, Office, post, token

BELOW = {Role.STEWARD: "Vera", Role.ADMIN: "Stella"}
AS = {Role.VIEWER: "Vera", Role.STEWARD: "Stella", Role.ADMIN: "Ada"}
WELL_FORMED = {
    "item_id": "Rpair",
    "profile_id": "{profile}",
    "number": "1",
    "run_id": "{run}",
    "docs": "{run}",
    "page": "index.html",
}
FOREIGN = {
    "item_id": "Rnone",
    "profile_id": "P2222222222222222",
    "number": "99",
    "run_id": "g000099-none",
    "docs": "g000099-none",
    "page": "none.html",
}
SCREEN = pytest.mark.parametrize("screen", SCREENS, ids=[f"{screen.method} {screen.path}" for screen in SCREENS])


@pytest.fixture(scope="module")
def office(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(published, tmp_path_factory.mktemp("office") / "own")
    yield made
    made.close()


def path_of(screen: Screen, names: dict[str, str], office: Office) -> str:
    with office.app.state.live.page() as page:
        own = {"profile": next(iter(page.generation.by_profile)), "run": page.generation.run_id}
    return screen.path.format(**{key: value.format(**own) for key, value in names.items()})


def ask(office: Office, name: str | None, screen: Screen, path: str, **fields: str):
    client = office.client(name)
    return client.get(path) if screen.method == "GET" else client.post(path, data=fields)


@SCREEN
def test_nobody_gets_in_without_logging_in(office: Office, screen: Screen) -> None:
    answer = ask(office, None, screen, path_of(screen, WELL_FORMED, office))
    assert (answer.status_code, answer.headers.get("location")) in ((303, "/login"), (401, None))
    assert "main" not in answer.text


@SCREEN
def test_a_role_that_is_too_low_is_refused(office: Office, screen: Screen) -> None:
    if screen.role in BELOW:
        client = office.client(BELOW[screen.role])
        path = path_of(screen, WELL_FORMED, office)
        before = office.dump("review_session")
        answer = client.get(path) if screen.method == "GET" else post(client, path, verb="same", answer="confirm")
        assert answer.status_code == 403
        assert office.dump("review_session") == before


@SCREEN
def test_a_form_without_its_token_or_from_elsewhere_does_nothing(office: Office, screen: Screen) -> None:
    if screen.method == "POST":
        path = path_of(screen, WELL_FORMED, office)
        client = office.client(AS[screen.role])
        stranger = token(office.client("Max" if AS[screen.role] != "Max" else "Vera"))
        own = token(client)
        before = office.dump("review_session")
        fields = {"verb": "same", "answer": "propose", "reason": "x", "text": "x", "shown": "yes"}
        elsewhere = [
            {"Origin": "http://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ]
        answers = [client.post(path, data=fields), client.post(path, data={"token": stranger, **fields})]
        answers += [client.post(path, data={"token": own, **fields}, headers=headers) for headers in elsewhere]
        answers += [client.post(path, content=b"\xff\xfe", headers={"Content-Type": "text/plain"})]
        assert [answer.status_code for answer in answers] == [403] * 6
        assert office.dump("review_session") == before


@SCREEN
def test_ids_of_nothing_here_are_not_found(office: Office, screen: Screen) -> None:
    if "{" in screen.path:
        client = office.client(AS[screen.role])
        path = path_of(screen, FOREIGN, office)
        before = office.dump("review_session")
        fields = {"verb": "same", "answer": "propose", "reason": "x", "text": "x", "case": "Rnone"}
        answer = client.get(path) if screen.method == "GET" else post(client, path, **fields)
        assert answer.status_code == 404
        assert office.dump("review_session") == before


@SCREEN
def test_looking_changes_nothing(office: Office, screen: Screen) -> None:
    client = office.client(AS[screen.role])
    before = office.dump("review_session")
    answer = client.get(path_of(screen, WELL_FORMED, office))
    assert answer.status_code in ((200,) if screen.method == "GET" else (200, 404))
    assert office.dump("review_session") == before


@SCREEN
def test_every_answer_carries_the_headers_that_protect(office: Office, screen: Screen) -> None:
    answer = ask(office, AS[screen.role], screen, path_of(screen, WELL_FORMED, office))
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy or (screen.path.endswith(("/report", "/{page}")) and "script-src" not in policy)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?! src=)|\son\w+=|style=", answer.text) or screen.path.endswith(
        ("/report", "/{page}")
    )


def test_records_of_another_profile_cannot_leave_this_one(office: Office) -> None:
    client = office.client("Stella")
    with office.app.state.live.page() as page:
        one, other = list(page.generation.by_profile)[:2]
        stranger = page.desk.records(other)[0]
    before = office.dump("review_session")
    refused = post(client, f"/profiles/{one}/decide", verb="split", leave=":".join(stranger), reason="x")
    assert refused.status_code == 400
    foreign = post(client, f"/profiles/{one}/decide", verb="pin", field="email", record=":".join(stranger), reason="x")
    assert foreign.status_code == 404
    assert office.dump("review_session") == before


def test_the_login_form_needs_its_cookie_and_token_and_gives_a_strict_cookie(office: Office) -> None:
    accounts.add(office.store, "Lo", Role.VIEWER, PASSWORD)
    client = office.client()
    fields = {"name": "Lo", "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 403
    assert client.post("/login", data={**fields, "token": "0" * 64}).status_code == 403
    answer = client.post("/login", data={**fields, "token": token(client, "/login")})
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(SESSION))
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert client.get("/").status_code == 200
    own = client.cookies[SESSION]
    assert own not in str(office.dump()), "the store keeps digests of tokens only"
    assert PASSWORD not in str(office.dump())
    post(client, "/logout")
    client.cookies.set(SESSION, own, domain="127.0.0.1")
    assert client.get("/").status_code == 303, "a session that was ended stays ended"


def test_guessing_passwords_is_slowed_down(office: Office) -> None:
    accounts.add(office.store, "Guess", Role.VIEWER, PASSWORD)
    client = office.client()
    form = token(client, "/login")
    tries = [client.post("/login", data={"token": form, "name": "Guess", "password": "wrong"}) for _ in range(5)]
    assert {answer.status_code for answer in tries} == {401}
    assert client.post("/login", data={"token": form, "name": "Guess", "password": PASSWORD}).status_code == 401
    assert "Guess" not in str(office.dump()["review_attempt"]), "names that were typed stand there as keyed hashes"


def test_a_new_role_counts_at_once_and_ends_the_sessions(office: Office) -> None:
    accounts.add(office.store, "Pat", Role.ADMIN, None)
    client = office.client("Pat")
    assert client.get("/seen").status_code == 200
    accounts.add(office.store, "Pat", Role.VIEWER, None)
    assert client.get("/seen").status_code == 303
    assert office.client("Pat").get("/seen").status_code == 403


def test_a_proxys_word_counts_only_from_where_it_may_come(published: Path, tmp_path: Path, office: Office) -> None:
    from starlette.testclient import TestClient

    from identity.review.web import create_app

    changed = {"proxy_header": "X-Forwarded-User", "trusted_addresses": ("10.0.0.1",)}
    settings = office.settings.model_copy(update={"review": office.settings.review.model_copy(update=changed)})
    app = create_app(settings)

    def get(address: str, **headers: str) -> int:
        client = TestClient(app, base_url="http://desk.example", client=(address, 5000), follow_redirects=False)
        return int(
            client.get("/seen", headers={name.replace("_", "-"): value for name, value in headers.items()}).status_code
        )

    assert get("10.0.0.1", X_Forwarded_User="Ada") == 200
    assert get("10.0.0.1", X_Forwarded_User="Vera") == 403
    assert get("10.0.0.1", X_Forwarded_User="Nobody") == 403
    assert get("10.0.0.1") == 403
    assert get("10.0.0.2", X_Forwarded_User="Ada") == 403
    app.state.live.close()
