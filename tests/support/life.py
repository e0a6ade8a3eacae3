"""A shop over time: deliveries, decisions, erasures, kills and rollbacks in any order, and what must hold after each.

`Life` is the shop with a model of it that remembers everything ever published; `invariants` compares the two.
"""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from identity import deciding, generations, pipeline, settings
from identity.desk import desk
from identity.engine.sql import data_folder
from identity.errors import ConfigurationError
from identity.privacy import desk as privacy_desk
from identity.stewardship.decisions import Kind, State
from tests.support.cli import people, write_rows
from tests.support.erasure import traces
from tests.support.generations import differing, pin_secret, table_hashes
from tests.support.kills import KILLED, in_child

CONFIG = """
region = "US"
threads = 1
memory_limit = "1GB"
warehouse = "w.duckdb"
{more}
[gate]
max_changed_ids = 1.0
max_profile_count_change = 1000
max_fill_rate_change = 1.0
max_reject_rate = 1.0
[[sources]]
name = "shop"
files = "in/shop*.csv"
record_id = "id"
updated_at = "changed"
[sources.fields]
given_name = "first"
family_name = "last"
email = "mail"
phone = "phone"
[[sources]]
name = "crm"
files = "in/crm*.csv"
record_id = "id"
delivery = "full"
updated_at = "changed"
[sources.fields]
given_name = "first"
family_name = "last"
email = "mail"
phone = "phone"
[[sources]]
name = "till"
kind = "order"
files = "in/till*.csv"
record_id = "id"
person_source = "shop"
person_id = "customer"
[sources.fields]
gross = "amount"
order_at = "date"
"""
SUITES = ("matched/decisions", "matched/fates", "matched/profiles")
HEADER = "id,first,last,mail,phone,changed,note"
Record = tuple[str, str]
Homes = dict[Record, str]


@dataclass
class Row:
    """A record as its source has it now; `person` is who it really is of."""

    person: int
    key: str
    first: str
    last: str
    mail: str
    phone: str
    changed: str = ""
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        return (self.key, self.first, self.last, self.mail, self.phone, self.changed, self.note)


@dataclass
class Published:
    """What a generation said: its number, its time, who belonged where."""

    number: int
    at: datetime
    homes: Homes


@dataclass
class Life:
    """The shop's folder, what its sources hold, and all that was ever published, decided and erased.

    The suites about ids and decisions are run, or `all_suites`, which takes twice as long.
    """

    folder: Path
    random: random.Random
    all_suites: bool = False
    day: datetime = datetime(2026, 1, 1, 3)
    rows: dict[Record, Row] = field(default_factory=dict)
    gone: dict[Record, Row] = field(default_factory=dict)
    notes: dict[Record, set[str]] = field(default_factory=dict)
    mails: dict[Record, set[str]] = field(default_factory=dict)
    history: list[Published] = field(default_factory=list)
    issued: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    erased: set[Record] = field(default_factory=set)
    people: int = 0
    serial: int = 0
    changed_since_run: bool = True
    rolled_back: bool = False
    told: list[str] = field(default_factory=list)

    # -- what is there

    @property
    def settings(self) -> settings.Settings:
        return settings.load(self.folder / "run.toml", {})

    @property
    def warehouse(self) -> Path:
        return self.folder / "w.duckdb"

    def query(self, text: str, **values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(text, values or None).fetchall()

    def homes(self) -> Homes:
        rows = self.query("select source, source_pk, profile_id from identity.profile_xref")
        return {(source, key): profile for source, key, profile in rows}

    def living(self) -> list[Record]:
        """Records of the sources that nobody erased."""
        return sorted(set(self.rows) - self.erased)

    def _word(self) -> deciding.Word:
        return deciding.Word("Stella", f"seen on paper {self._next()}")

    def _next(self) -> int:
        self.serial += 1
        return self.serial

    # -- deliveries

    def open(self) -> None:
        """A dozen people: in the shop, in the CRM or in both."""
        pin_secret(self.folder)
        more = "" if self.all_suites else 'expectations = "expectations"'
        (self.folder / "run.toml").write_text(CONFIG.format(more=more))
        for name in SUITES:
            place = self.folder / "expectations" / f"{name}.json"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(data_folder("expectations") / f"{name}.json", place)
        for n in range(12):
            self._enter("shop" if n % 3 else "crm")
            if n % 4 == 0:
                self._enter("crm" if n % 3 else "shop", self.people - 1)
        self._deliver(list(self.rows))

    def _enter(self, source: str, person: int | None = None) -> Record:
        if person is None:
            person, self.people = self.people, self.people + 1
        ((_, first, last, mail, phone),) = people(1, person)
        record = (source, f"{source}{self._next():05d}")
        self.rows[record] = Row(person, record[1], str(first), str(last), str(mail), str(phone))
        self._touch(record)
        return record

    def _touch(self, record: Record) -> None:
        row = self.rows[record]
        row.changed = f"{self.day:%Y-%m-%d} 01:{self._next() // 60 % 60:02d}:{self.serial % 60:02d}"
        row.note = f"margin{self.serial:05d}"
        self.notes.setdefault(record, set()).add(row.note)
        self.mails.setdefault(record, set()).add(row.mail)

    def _deliver(self, records: list[Record]) -> None:
        """Rows of the shop as a delta with an order each; the CRM always whole."""
        number = self._next()
        shop = [self.rows[record] for record in records if record[0] == "shop"]
        if shop:
            write_rows(self.folder / "in" / f"shop{number:05d}.csv", HEADER, [row.cells() for row in shop])
            orders = [(f"o{number:05d}{n}", row.key, f"{n + 1}.25", "2026-01-02") for n, row in enumerate(shop)]
            write_rows(self.folder / "in" / f"till{number:05d}.csv", "id,customer,amount,date", orders)
        if any(record[0] == "crm" for record in records) or not shop:
            for path in (self.folder / "in").glob("crm*.csv"):
                path.unlink()
            rows = [row.cells() for record, row in sorted(self.rows.items()) if record[0] == "crm"]
            write_rows(self.folder / "in" / f"crm{number:05d}.csv", HEADER, rows)
        self.changed_since_run = True

    def arrive(self) -> None:
        """A new person, or a second record of one who is known."""
        known = [record for record in self.living() if not self._persons(record) & self._erased_persons()]
        again = bool(known) and self.random.random() < 0.5
        person = self.rows[self.random.choice(known)].person if again else None
        record = self._enter(self.random.choice(("shop", "crm")), person)
        self._deliver([record])

    def _persons(self, record: Record) -> set[int]:
        return {self.rows[record].person}

    def _erased_persons(self) -> set[int]:
        return {(self.rows.get(record) or self.gone[record]).person for record in self.erased}

    def correct(self) -> None:
        """Somebody has another e-mail, phone or name, or one typed by mistake: another's e-mail."""
        record = self.random.choice(self.living())
        row = self.rows[record]
        match self.random.randrange(4):
            case 0:
                row.mail = f"{row.first[:2]}{row.last}{self._next():05d}@later-mail.org".lower()
            case 1:
                row.phone = f"(312) 555-{2000 + self._next() % 7000:04d}"
            case 2:
                row.last = f"{row.last.split('-')[0]}-{people(1, self._next())[0][2]}"
            case _:
                others = [
                    other
                    for other in self.living()
                    if other != record and self.rows[other].mail not in self._erased_mails()
                ]
                row.mail = self.rows[self.random.choice(others)].mail if others else row.mail
        self._touch(record)
        self._deliver([record])

    def _erased_mails(self) -> set[str]:
        return {mail for record in self.erased for mail in self.mails[record]}

    def withdraw(self) -> None:
        """The CRM no longer has a record; or one that it had is back."""
        back = sorted(set(self.gone) - self.erased)
        held = [record for record in self.living() if record[0] == "crm"]
        if back and self.random.random() < 0.4:
            record = self.random.choice(back)
            self.rows[record] = self.gone.pop(record)
        elif len(held) > 2:
            record = self.random.choice(held)
            self.gone[record] = self.rows.pop(record)
        self._deliver([])

    def redeliver(self) -> None:
        """A file again, under another name or as other bytes; erased people with it."""
        path = self.random.choice(sorted((self.folder / "in").glob("shop*.csv")))
        again = path.with_name(f"shop{self._next():05d}.csv")
        again.write_bytes(path.read_bytes() + self.random.choice((b"", b"\n")))
        if self.random.random() < 0.5:
            self._deliver([])
        self.changed_since_run = True

    # -- decisions

    def decide(self) -> None:
        """A steward's word about what is published; words that make no sense are refused."""
        homes = self.homes()
        one, other = (self.random.choice(sorted(homes)) for _ in range(2))
        subjects = (_written(one), _written(other))
        with desk(self.settings) as at:
            try:
                match self.random.randrange(5):
                    case 0 | 1:
                        deciding.pair(at, Kind.SAME, *subjects, self._word())
                    case 2:
                        deciding.pair(at, Kind.NOT_SAME, *subjects, self._word())
                    case 3:
                        shared = [record for record in sorted(homes) if list(homes.values()).count(homes[record]) > 1]
                        leaving = self.random.choice(shared or [one])
                        deciding.split(at, homes[leaving], [_written(leaving)], self._word())
                    case _:
                        mail = self.rows[one].mail if one in self.rows else "desk@harbor-mail.org"
                        deciding.block(at, Kind.BLOCK_VALUE, "email", mail, self._word())
            except ConfigurationError:
                return
        self.changed_since_run = True

    def undo(self) -> None:
        """Take back a decision that stands."""
        with desk(self.settings) as at:
            states = at.states()
            standing = [number for number, state in sorted(states.items()) if state in (State.ACTIVE, State.STALE)]
            if standing:
                deciding.undo(at, f"D{self.random.choice(standing)}", self._word())
                self.changed_since_run = True

    # -- what acts

    def run(self, *, full: bool = False) -> None:
        """The next day's run; where nothing changed since the last one, it changes nothing (P6)."""
        before = None if self.changed_since_run or full else self.homes()
        self._run_at(self._tomorrow(), full=full)
        if before is not None:
            assert self.homes() == before, "loading again moved records"
            number = self.query("select max(run_number) from ops.run")[0][0]
            assert self.query("from identity.profile_event where run_number = $n", n=number) == []
        self.changed_since_run = False
        self.rolled_back = False
        self._remember()

    def _tomorrow(self) -> datetime:
        self.day += timedelta(days=1)
        return self.day

    def _run_at(self, moment: datetime, *, full: bool = False) -> None:
        pipeline.run(self.settings, as_of=moment, full=full)

    def _remember(self) -> None:
        (number,) = self.query("select max(run_number) from ops.run")[0]
        homes = self.homes()
        self.history.append(Published(number, self.day, homes))
        self.issued |= set(homes.values())

    def decide_and_undo(self) -> None:
        """A word and its undoing with a run after each: everybody has the earlier id (P14)."""
        if self.changed_since_run:
            self.run()
        before = self.homes()
        one, other = self.random.sample(sorted(before), 2)
        with desk(self.settings) as at:
            if before[one] == before[other]:
                said = deciding.pair(at, Kind.NOT_SAME, _written(one), _written(other), self._word())
            else:
                said = deciding.pair(at, Kind.SAME, _written(one), _written(other), self._word())
        self.changed_since_run = True
        self.run()
        if said.replaced is not None:
            return
        with desk(self.settings) as at:
            deciding.undo(at, said.decision.name, self._word())
        self.changed_since_run = True
        self.run()
        assert self.homes() == before, f"undoing {said.decision.name} did not restore the ids"

    def killed_run(self) -> None:
        """A run that is killed at some step and started again ends as one that was not disturbed (P7, P8)."""
        moment = self._tomorrow()
        calm = self.folder.parent / "calm"
        shutil.copytree(self.folder, calm)
        calm_settings = settings.load(calm / "run.toml", {})
        pipeline.run(calm_settings, as_of=moment)
        expected, before = table_hashes(calm / "w.duckdb"), table_hashes(self.warehouse)
        shutil.rmtree(calm)
        at = self.random.randrange(1, 240)
        ended = in_child(lambda: self._run_at(moment), self.folder, at, before=self.random.random() < 0.5)
        assert ended in (0, KILLED), (self.folder / "error").read_text()
        seen = table_hashes(self.warehouse)
        assert differing(seen, expected) == [] or differing(seen, before) == [], "readers saw half a generation"
        if ended == KILLED:
            self._run_at(moment)
        assert differing(table_hashes(self.warehouse), expected) == [], f"killed at step {at}"
        self.changed_since_run = False
        self.rolled_back = False
        self._remember()

    def erase(self) -> None:
        """A person is erased, by a record, a profile or an e-mail; sometimes killed on the way and carried on."""
        homes = self.homes()
        record = self.random.choice(sorted(homes))
        text = self.random.choice((_written(record), homes[record]))
        gone = {other for other, home in homes.items() if home == homes[record]} | self._withdrawn_from(homes[record])
        if len(set(homes.values())) < 5:
            return
        kill_at = self.random.choice((0, 0, self.random.randrange(1, 80)))
        ended = in_child(lambda: self._erase(text), self.folder, kill_at, before=self.random.random() < 0.5)
        assert ended in (0, KILLED), (self.folder / "error").read_text()
        self.erased |= gone
        self.ended.add(homes[record])
        if ended == KILLED:
            self._erase(text)
        self.changed_since_run = True  # the deliveries of the erased are disposed of anew
        found = traces(self.folder, self.marks_in)
        assert found == [], f"traces of {sorted(gone)}"

    def _withdrawn_from(self, home: str) -> set[Record]:
        """Records that left their source, and with it this profile: they are traces of the person too."""
        return {
            (source, key)
            for source, key in self.query(
                "select source, source_pk from identity.profile_event "
                "anti join identity.profile_xref using (source, source_pk) "
                "where profile_id = $home and event_type = 'lost_record' and cause = 'withdrawn' "
                "and source_pk is not null",
                home=home,
            )
        }

    def _erase(self, text: str) -> None:
        request, target = privacy_desk.ask(self.settings, "erase", text, by="Dora", reason="a letter")
        privacy_desk.carry_out(self.settings, request, target, lambda _word: None)

    def marks(self) -> set[str]:
        """What named erased people and nobody else, ever."""
        others = {mail for record, mails in self.mails.items() if record not in self.erased for mail in mails}
        found = {key for _, key in self.erased}
        for record in self.erased:
            found |= self.notes[record] | (self.mails[record] - others)
        return found

    def marks_in(self, text: str | bytes) -> list[str]:
        lower = (text if isinstance(text, str) else text.decode("utf-8", "replace")).lower()
        return [mark for mark in sorted(self.marks()) if mark in lower]

    def rollback(self) -> None:
        """An earlier generation is published again."""
        kept = sorted(generations.kept(self.settings))[:-1]
        if not kept:
            return
        target = self.random.choice(kept)
        generations.rollback(self.settings, target, by="Ada", reason="wrong file", as_of=self._tomorrow())
        before = next(published for published in reversed(self.history) if published.number == target)
        assert self.homes() == self._kept_of(before.homes), f"generation {target} is not what it was"
        self.rolled_back = self.changed_since_run = True
        self._remember()

    def _kept_of(self, homes: Homes) -> Homes:
        return {record: home for record, home in homes.items() if record not in self.erased}

    def rollback_and_run(self) -> None:
        """After a rollback the next run over the same deliveries joins the same records again.

        Their ids are those that the earlier generation's profiles carry on, which may be others than just before.
        """
        if self.changed_since_run:
            self.run()
        before = _groups(self.homes())
        self.rollback()
        self.run()
        assert _groups(self.homes()) == before, "the run after a rollback joins others"


def _groups(homes: Homes) -> set[frozenset[Record]]:
    """The records that are together, whatever their ids."""
    return {frozenset(other for other in homes if homes[other] == home) for home in homes.values()}


def _written(record: Record) -> str:
    return ":".join(record)


def invariants(life: Life) -> None:
    """P3 to P5, P14, P17 and who belonged where at every earlier time."""
    _rows_are_accounted_for(life)
    _records_and_money(life)
    _fates(life)
    _decisions(life)
    _erased(life)
    for published in life.history:
        rows = life.query(
            "select source, source_pk, profile_id from identity.profile_as_of($at)",
            at=published.at + timedelta(hours=6),
        )
        told = {(source, key): home for source, key, home in rows}
        assert told == life._kept_of(published.homes), f"who belonged where in generation {published.number}"


def _none(life: Life, promise: str, query: str) -> None:
    rows = life.query(query)
    assert rows == [], f"{promise}: {rows[:5]}"


def _rows_are_accounted_for(life: Life) -> None:
    _none(
        life, "P3 a landed row has not one disposition",
        "select file.sha256 from (select distinct sha256, rows from raw.file where status = 'landed') as file "
        "left join (select sha256, count(*) as rows, count(distinct row_number) as apart from std.row_disposition "
        "group by sha256) as fate using (sha256) "
        "where file.rows <> coalesce(fate.rows, 0) or fate.rows <> fate.apart",
    )  # fmt: skip


def _records_and_money(life: Life) -> None:
    records = "select source, source_pk from std.source_record"
    homes = "select source, source_pk from identity.profile_xref"
    _none(life, "P4 a live record without a profile", f"{records} except all {homes}")
    _none(life, "P4 a profile's record that is not live", f"{homes} except all {records}")
    active = "select profile_id from identity.profile where status = 'active'"
    for other in ("select distinct profile_id from identity.profile_xref", "select profile_id from gold.customer_360"):
        _none(life, "P4 an active profile", f"({active} except all {other}) union all ({other} except all {active})")
    _none(
        life, "P4 money",
        "select orders.* from (select profile_id, count(*) as n, sum(net_revenue) as revenue from gold.orders "
        "where profile_id is not null group by all) as orders full join (select profile_id, orders as n, revenue "
        "from gold.customer_360 where orders > 0) as golden using (profile_id) "
        "where orders.n is distinct from golden.n or orders.revenue is distinct from golden.revenue",
    )  # fmt: skip
    _none(
        life, "P4 an order is lost",
        "select (select count(*) from std.\"order\") as a, (select count(*) from gold.orders) as b where a <> b",
    )  # fmt: skip


def _fates(life: Life) -> None:
    fates = dict(life.query("select profile_id, status from identity.profile"))
    assert len(fates) == life.query("select count(*) from identity.profile")[0][0]
    assert life.issued <= set(fates), "P5 an id that was issued has no fate"
    assert {fates[profile] for profile in life.ended} <= {"erased"}, "P5 an erased id has another fate"
    _none(
        life, "P5 an id was created twice",
        "select profile_id from identity.profile_event where event_type = 'created' group by all having count(*) > 1",
    )  # fmt: skip
    _none(
        life, "P5 an alias does not end at an active profile",
        "select * from identity.profile_alias as alias left join identity.profile as old "
        "on old.profile_id = alias.old_profile_id left join identity.profile as new "
        "on new.profile_id = alias.current_profile_id "
        "where old.status is distinct from 'merged' or new.status is distinct from 'active'",
    )  # fmt: skip
    _none(
        life, "P5 a merged id has no survivor",
        "select profile_id from identity.profile where status = 'merged' and survivor_profile_id is null "
        "union all select profile_id from identity.profile where status in ('active', 'retired', 'erased') "
        "and survivor_profile_id is not null",
    )  # fmt: skip


def _decisions(life: Life) -> None:
    if life.rolled_back:
        return  # what was decided since holds with the next run again
    homes = {_written(record): home for record, home in life.homes().items()}
    for name, kind, records, parts in life.query(
        "select decision_id, kind, records, parts from steward.decision "
        "where effect = 'applied' and kind in ('same', 'not_same', 'split')"
    ):
        sides: dict[int, set[str]] = {}
        for record, part in zip(records, parts, strict=True):
            if record in homes:
                sides.setdefault(part, set()).add(homes[record])
        if kind == "same":
            assert len(set().union(*sides.values())) <= 1, f"P14 {name} same"
        else:
            told = sorted(sides.values(), key=sorted)
            apart: Callable[[set[str], set[str]], bool] = set.isdisjoint
            assert all(apart(a, b) for n, a in enumerate(told) for b in told[n + 1 :]), f"P14 {name} {kind}"


def _erased(life: Life) -> None:
    assert not life.erased & set(life.homes()), "P17 an erased record is back"
    found = traces(life.folder, life.marks_in) if life.erased else []
    assert found == [], "P17 an erased person's texts are back"
