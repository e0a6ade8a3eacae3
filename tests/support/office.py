"""The review application over a published store with a case of every kind, and people who open it."""

import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
from starlette.testclient import TestClient

from identity.review import accounts
from identity.review.access import SESSION
from identity.review.accounts import Role
from identity.review.web import create_app
from identity.runs.store import open_store
from identity.settings import Settings
from identity.settings_groups import ReviewSettings

PEOPLE = {"Vera": Role.VIEWER, "Stella": Role.STEWARD, "Max": Role.STEWARD, "Ada": Role.ADMIN, "Bo": Role.ADMIN}
PASSWORD = "a long enough password"
BASE = "http://127.0.0.1:8765"


class Office:
    """A copy of a published store in `folder`, with cases drawn into it, and the application over it."""

    def __init__(self, published: Path, folder: Path, **review: Any) -> None:
        self.folder = shutil.copytree(published, folder)
        self.pairs = draw_cases(self.folder / "w.duckdb")
        self.settings = Settings(
            warehouse=self.folder / "w.duckdb", region="US", threads=1, memory_limit="1GB",
            review=ReviewSettings(second_person_records=review.pop("second_person_records", 50), **review),
        )  # fmt: skip
        self.store = open_store(self.settings.state)
        for name, role in PEOPLE.items():
            accounts.add(self.store, name, role, None)
        self.app = create_app(self.settings)

    def close(self) -> None:
        self.app.state.live.close()

    def client(self, name: str | None = None) -> TestClient:
        """A browser; of somebody who is logged in already where a name is given."""
        client = TestClient(self.app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False)
        if name is not None:
            client.cookies.set(SESSION, accounts.open_session(self.store, name, 1), domain="127.0.0.1")
        return client

    def dump(self, *without: str) -> dict[str, list[tuple[Any, ...]]]:
        """Everything in the store, to see what changed."""
        with self.store.connect() as connection:
            names = [
                row[0] for row in connection.exec_driver_sql("select name from sqlite_master where type = 'table'")
            ]
            return {
                name: [tuple(row) for row in connection.exec_driver_sql(f'select * from "{name}"')]
                for name in names
                if name not in (*without, "sqlite_sequence")
            }


def token(client: TestClient, page: str = "/search") -> str:
    """The token of the forms of a page."""
    found = re.search(r'name="token" value="(\w+)"', client.get(page).text)
    assert found is not None
    return found[1]


def post(client: TestClient, path: str, **fields: Any) -> Any:
    """Send a form as the page would."""
    return client.post(path, data={"token": token(client), **fields})


CASES = {
    "Rpair": "pair", "Rsecond": "pair", "Rthird": "pair", "Rcap": "cap", "Rcontested": "contested",
    "Rstale": "stale_decision", "Rtorn": "contradiction", "Rshared": "shared_contact",
}  # fmt: skip


def draw_cases(warehouse: Path) -> dict[str, list[str]]:
    """Write one case of each kind over records of different profiles; answers the records of each case."""
    with duckdb.connect(str(warehouse)) as connection:
        rows = connection.execute(
            "select any_value(source || ':' || source_pk order by source, source_pk), profile_id "
            "from identity.profile_xref group by profile_id order by profile_id limit 16"
        ).fetchall()
        ((phone,),) = connection.execute(
            "select min(id_match_key) from std.identifier where id_type = 'phone' and id_match_key is not null"
        ).fetchall()
        drawn = {}
        for place, (item_id, kind) in enumerate(CASES.items()):
            size = 3 if kind == "contested" else 2
            chosen = [rows[(2 * place + n) % len(rows)] for n in range(size)]
            drawn[item_id] = [record for record, _ in chosen]
            connection.execute(
                "insert into steward.review_item values (?, ?, 'grey_band', ?, 0.9, 100, ?, ?, ?, ?, ?, ?, null, null, 1)",
                [
                    item_id, kind, 90.0 - place, drawn[item_id], [profile for _, profile in chosen],
                    ["D1"] if kind in ("stale_decision", "contradiction") else [],
                    "phone" if kind == "shared_contact" else None, phone if kind == "shared_contact" else None,
                    0.6 if kind in ("pair", "cap") else None,
                ],
            ).fetchall()  # fmt: skip
            if kind in ("pair", "cap"):
                one, other = sorted(record.partition(":")[::2] for record in drawn[item_id])
                connection.execute(
                    "insert into match.candidate_pair values "
                    "(?, ?, ?, ?, 'email', 'fuzzy', null, 1.5, 0.6, 7, 'review', null)",
                    [*one, *other],
                ).fetchall()
    return drawn
