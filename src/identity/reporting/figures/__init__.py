"""What the report shows: one function per section, in chapters."""

from identity.reporting.figures import (
    checks,
    delivery,
    doubt,
    estimated,
    examples,
    golden,
    joining,
    journeys,
    kpis,
    model,
    people,
    sampled,
    stability,
    waiting,
)
from identity.reporting.figures.reader import Reader
from identity.reporting.page import Chapter

__all__ = ["Reader", "chapters"]

CHAPTERS = (
    ("delivered", "What arrived", (delivery.sources, delivery.files, delivery.rejects)),
    ("people", "Records and people", (people.funnel, people.overlap, people.sizes)),
    (
        "joining",
        "How records were joined",
        (
            estimated.estimated,
            sampled.sampled,
            joining.scores,
            joining.rules,
            examples.examples,
            model.model,
            joining.candidates,
            joining.blocked,
        ),
    ),
    ("doubt", "Too much or too little joined", (doubt.over_merge, doubt.under_merge)),
    ("waiting", "What waits for people", (waiting.queue, waiting.decisions, waiting.requests)),
    ("change", "What changed", (stability.events, stability.movement)),
    ("golden", "The golden profiles", (golden.fill, golden.survivorship, golden.consent)),
    ("doing", "What people did", (journeys.orders, journeys.journeys, kpis.kpis)),
    ("running", "Checks and running", (checks.quality, checks.seconds)),
)


def chapters(reader: Reader) -> tuple[Chapter, ...]:
    """All chapters of one run."""
    return tuple(
        Chapter(key, title, tuple(section(reader) for section in sections)) for key, title, sections in CHAPTERS
    )
