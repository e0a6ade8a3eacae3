"""What the report says beside each figure, tried: every query in a plain DuckDB over the published warehouse."""

import contextlib

import duckdb

from identity.reporting.figures import chapters
from identity.runs import lifecycle
from identity.settings import Settings
from identity.stages.report import READS, reader_of


def every_query_gives_its_figures(settings: Settings) -> int:
    """Run every query of the newest report as it is printed, in the warehouse's folder; answers how many."""
    run = lifecycle.find(settings, str(lifecycle.runs(settings)[0]["run_id"]))
    with run.open(*READS) as db:
        reader = reader_of(run, db)
        shown = {query.sql for chapter in chapters(reader) for part in chapter.sections for query in part.queries}
    answers = list(reader.answers.values())
    assert shown <= {answer.query.sql for answer in answers}
    for answer in answers:
        with (
            contextlib.chdir(settings.warehouse.parent),
            duckdb.connect(settings.warehouse.name, read_only=True) as shell,
        ):
            shell.execute(answer.query.sql)
            names = [column[0] for column in shell.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in shell.fetchall()]
        assert found == list(answer.rows), answer.query.name
    return len(answers)
