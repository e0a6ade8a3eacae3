"""The picture of the analyst's tables and how they join, drawn from `identity.tables`; `make_docs.py` writes it.

Boxes stand in columns, with the key columns (bold) and those that lead to another table; a line leads from such a
column to the table in which it is the key. The same tables give the same bytes.
"""

from html import escape

from identity.tables import Table, tables

# Columns that, together, are the key of another table.
LEADS = {
    ("profile_id",): "gold.customer_360", ("order_source", "order_id"): "gold.orders",
    ("source", "order_id"): "gold.orders", ("session_id",): "gold.session",
    ("household_id",): "gold.household", ("segment",): "gold.segment", ("conversion_id",): "gold.touchpoint",
    ("touchpoint_id",): "gold.touchpoint", ("journey_id",): "mart.journey", ("old_profile_id",): "identity.profile",
    ("current_profile_id",): "identity.profile",
}  # fmt: skip
OF_RECORDS = ("identity.profile_xref", "identity.profile_event", "gold.consent_event")
HUBS = tuple(dict.fromkeys(name for name in LEADS.values() if name.startswith("gold.")))
COLOURS = ("#1f6f8b", "#b3541e", "#5b7f2b", "#7a4b94", "#a83c5b", "#3d5a99", "#8a6d1a", "#4a4a4a")
WIDTH, GAP, ROW, TITLE, MARGIN = 232, 110, 15, 22, 52


def columns() -> list[list[Table]]:
    """The tables of each column of the picture."""
    known = tables()
    shown = [table for table in known.values() if table.published and table.schema in ("identity", "gold", "mart")]
    return [
        [known["std.source_record"], *(table for table in shown if table.schema == "identity")],
        [known[name] for name in HUBS],
        [table for table in shown if table.schema == "gold" and table.name not in HUBS],
        [table for table in shown if table.schema == "mart"],
    ]


def joins(table: Table) -> list[tuple[tuple[str, ...], str]]:
    """Columns that are together the key of another table; an order's own source wins over the row's."""
    names = {column.name for column in table.columns}
    found = [(parts, other) for parts, other in LEADS.items() if set(parts) <= names and other != table.name]
    if "order_source" in names:
        found = [(parts, other) for parts, other in found if parts != ("source", "order_id")]
    return found


def leads(table: Table) -> list[tuple[str, str]]:
    """(column, other table): the last of the columns that together are the other's key."""
    found = [(parts[-1], other) for parts, other in joins(table)]
    return found + ([("source_pk", "std.source_record")] if table.name in OF_RECORDS else [])


def rows(table: Table) -> list[str]:
    """Columns that are drawn: the key, then what leads elsewhere."""
    partners = [name for parts, _ in joins(table) for name in parts]
    return list(dict.fromkeys((*table.key, *partners, *(name for name, _ in leads(table)))))


def picture() -> str:
    """The SVG."""
    place: dict[str, tuple[int, int]] = {}
    boxes, height = [], 0
    for number, column in enumerate(columns()):
        y = 16
        for table in column:
            place[table.name] = (MARGIN + number * (WIDTH + GAP), y)
            boxes.append(_box(table, *place[table.name]))
            y += TITLE + ROW * (len(rows(table)) + 1) + 18
        height = max(height, y)
    drawn = [table for column in columns() for table in column]
    lines = [_line(table, name, other, place) for table in drawn for name, other in leads(table) if other in place]
    width = 2 * MARGIN + 4 * WIDTH + 3 * GAP
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, Arial, sans-serif" font-size="11">'
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, "<title>How the tables join</title>", ground, *lines, *boxes, "</svg>", ""])


def _box(table: Table, x: int, y: int) -> str:
    shown = rows(table)
    height = TITLE + ROW * (len(shown) + 1) + 4
    colour = COLOURS[HUBS.index(table.name)] if table.name in HUBS else "#44505c"
    parts = [
        f'<g><rect x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="4" fill="#fbfbf9" stroke="{colour}"/>',
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{TITLE - 3}" rx="4" fill="{colour}"/>',
        f'<text x="{x + 8}" y="{y + 14}" fill="#ffffff" font-weight="bold">{escape(table.name)}</text>',
    ]
    for number, name in enumerate(shown, 1):
        weight = ' font-weight="bold"' if name in table.key else ""
        parts.append(f'<text x="{x + 8}" y="{y + TITLE + ROW * number - 4}" fill="#222222"{weight}>{name}</text>')
    more = len(table.columns) - len(shown)
    parts.append(
        f'<text x="{x + 8}" y="{y + TITLE + ROW * (len(shown) + 1) - 4}" fill="#777777">'
        f"{f'and {more} more' if more else ''}</text></g>"
    )
    return "\n".join(parts)


def _line(table: Table, name: str, other: str, place: dict[str, tuple[int, int]]) -> str:
    """From the row of a column to the title of the table it leads to."""
    x, y = place[table.name]
    to_x, to_y = place[other]
    y += TITLE + ROW * (rows(table).index(name) + 1) - 8
    to_y += TITLE // 2
    if x > to_x:
        start, end, bend = x, to_x + WIDTH, -60
    elif x < to_x:
        start, end, bend = x + WIDTH, to_x, 60
    else:
        start, end, bend = x, to_x, -40
    back = bend if x == to_x else -bend
    colour = COLOURS[HUBS.index(other)] if other in HUBS else "#44505c"
    return (
        f'<path d="M {start} {y} C {start + bend} {y}, {end + back} {to_y}, {end} {to_y}" fill="none" '
        f'stroke="{colour}" stroke-opacity="0.55"/>'
    )
