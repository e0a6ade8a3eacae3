"""What arrived: sources, files, rejected rows."""

from identity.reporting.figures.reader import Column, Reader, Row, codes, counts, grid, part, plural, shared, when
from identity.reporting.page import Section
from identity.reporting.words import limit_words, share

_FILE_TONES = {"refused": "bad", "landed": "good"}
_FILES_SHOWN = 200
_LONG = 20
_REJECTS_NOTED = 0.01


def sources(reader: Reader) -> Section:
    """Records and profiles per source object, and what became of each delivered row."""
    answer, fates = reader.ask("sources"), reader.ask("dispositions")
    per_source = grid(
        "Records and profiles per source",
        answer.rows,
        *codes("source"),
        *counts("records"),
        *reader.before("sources", "source", "records"),
        *counts("profiles"),
        Column("duplicates within", "share", "dedup_share"),
        *reader.before("sources", "source", "dedup_share"),
        *shared("also known elsewhere", "elsewhere_share"),
        *counts("test_records=test", "staff_records=staff"),
    )
    per_fate = grid(
        "What became of each landed row",
        fates.rows,
        *codes("source"),
        *counts("rows", "record", "event", "superseded", "duplicate", "deleted", "rejected", "erased"),
        note="Each landed row has exactly one fate. Superseded: a newer version of the same record arrived. "
        "Event: an order, ticket or interaction without a record of its own.",
    )
    return Section(
        id="sources",
        title="Sources",
        shows="How many records each system sent, how many people they are, and how many another system also knows.",
        alarming="a source that is missing, much smaller than usual, or known nowhere else although it should be.",
        body=(per_source, per_fate),
        queries=(answer.query, fates.query),
        reached=reader.reached("std.source_record"),
    )


def files(reader: Reader) -> Section:
    """Every delivered file with its status; columns nobody reads."""
    status, listed, columns = reader.ask("file_status"), reader.ask("files"), reader.ask("unmapped_columns")
    refused = sum(row["files"] for row in status.rows if row["status"] == "refused")
    listing = grid(
        "Delivered files",
        listed.rows,
        Column("file", "code", _place),
        *codes("source"),
        Column("status", "state", lambda row: f"{_FILE_TONES.get(row['status'], 'plain')}:{row['status']}"),
        *counts("rows", "rejected_rows=rejected", "lines"),
        Column("encoding", "text", "encoding"),
        Column("why", "text", "reason"),
        note="" if status.total("files") <= _FILES_SHOWN else f"The first {_FILES_SHOWN} files.",
        folded=len(listed.rows) > _LONG and not refused,
    )
    unread = grid(
        "Columns that feed no field of ours",
        columns.rows,
        *codes("source", "column_name=column"),
        *counts("filled=filled rows"),
        Column("filled", "share", "fill_share"),
        note="They are kept as delivered. A column that appears here for the first time may deserve a mapping.",
        folded=True,
    )
    them = "it" if refused == 1 else "them"
    return Section(
        id="files",
        title="Files",
        shows="Every file of the delivery: read, refused with a reason, or skipped because the same bytes came before.",
        alarming="any refused file, or a file recognised as the wrong source.",
        body=(listing, unread),
        queries=(status.query, listed.query, columns.query),
        signals=when(
            refused, "bad", f"{plural(refused, 'file')} refused: not one row of {them} is in this run.", "files"
        ),
        reached=reader.reached("raw.file"),
    )


def _place(row: Row) -> str:
    return f"{row['path']} › {row['member']}" if row["member"] else str(row["path"])


def rejects(reader: Reader) -> Section:
    """Rows that could not be read, by source and rule."""
    answer, totals = reader.ask("rejects"), reader.ask("totals").one
    rejected = totals["rejected_rows"] or 0
    rate = part(rejected, rejected + (totals["landed_rows"] or 0)) or 0.0
    limit = reader.run.settings.gate.max_reject_rate
    listing = grid(
        "Rejected rows by rule",
        answer.rows,
        *codes("source", "rule"),
        *counts("rows", "files"),
        *codes("first_file=first seen in"),
        *counts("first_line=line"),
        Column("what is wrong and what to do", "text", "detail"),
        note="The rows as delivered are in raw.rejected; they hold personal values and are not shown here.",
        folded=len(answer.rows) > _LONG,
    )
    above = f" (limit {limit_words(limit)})" if rate > limit else ""
    return Section(
        id="rejects",
        title="Rejected rows",
        shows="Rows that could not be read, by the rule that refused them, with the first place to look.",
        alarming=f"more than 1 % of the rows; above {limit_words(limit)} the run is held.",
        body=(listing,) if answer.rows else (),
        queries=(answer.query,),
        signals=when(
            rate > _REJECTS_NOTED,
            "bad" if rate > limit else "warn",
            f"{share(rate)} of the delivered rows were rejected{above}.",
            "rejects",
        ),
        reached=reader.reached("raw.file"),
        empty="No row was rejected.",
    )
