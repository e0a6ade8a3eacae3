"""Candidate pairs: rules with exact counts before anything runs, a cap per block, a budget for all.

No block explodes: one above its cap is split by further keys, and what is still too large is skipped and
reported; a rule whose pairs hold next to no matches is left out. A pair comes once, under the first rule that
proposes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from identity.matching.block_keys import Atoms, Keys, Rule, keys_of, mixed, refinements, rules_of
from identity.matching.block_pairs import Members, Pairs, distinct_pairs, pair_keys
from identity.matching.grouping import groups
from identity.matching.parallel import in_order
from identity.matching.records import Bools, Ints, Longs, Records

BLOCK_CAP = 150
"""Most records of a block that are compared with each other."""
ALL_PAIRS = 500_000
"""A set with no more pairs than this is compared as a whole."""
RULE_SHARE = 0.3
"""Most of the budget left that one rule may spend."""
SAMPLE = 4_000
"""Pairs by which a rule is judged before it runs ..."""
SAMPLE_IN_DOUBT = 40_000
"""... and again where it must find LEAST_YIELD matches and the first sample is within a factor of IN_DOUBT of that."""
IN_DOUBT = 4.0
LEAST_YIELD = 0.001
"""Share of the sampled new pairs that must look like matches."""
CHEAP = 200_000
"""New pairs that a rule may always cost."""
EVERY_PAIR = "every pair"


@dataclass(frozen=True)
class Planned:
    """A rule that was found worth its pairs, and how large a block of it may be."""

    name: str
    cap: int


@dataclass(frozen=True)
class Grouped:
    """Records by equal keys, before any cap: one entry per record and key that another record has too.

    `sizes` is how many records have the key of an entry, `is_first` marks a record's first key. `of_size[n]` is the
    number of keys that n records share, for n up to BLOCK_CAP and one for all above.
    """

    name: str
    records: Ints
    keys: Longs
    group: Ints
    sizes: Ints
    is_first: Bools
    of_size: Longs
    largest: int


@dataclass(frozen=True)
class Blocks:
    """A rule within its cap, and what it costs.

    `first` is the block of each record by its first key, -1 for none; `further` (records in order, blocks) those by
    its other keys.
    """

    name: str
    cap: int
    first: Ints
    further: tuple[Ints, Ints]
    pairs: int
    largest: int
    blocks: int
    refined_blocks: int
    skipped_blocks: int
    skipped_pairs: int


PairJudge = Callable[[Ints, Ints], Bools]
"""Whether pairs look like matches."""


def propose(records: Records, pairs_per_record: int, judge: PairJudge, threads: int = 1) -> tuple[list[Blocks], Pairs]:
    """Choose the rules and how far each may go, and list their pairs, each once under the first rule.

    Before a rule runs, an even sample of its pairs tells how many of them are new and, by `judge`, how many
    of those look like matches. The budget is of new pairs; a rule may spend RULE_SHARE of what is left, and
    one that would spend more than a pair per record (and CHEAP) must find LEAST_YIELD matches among them.
    """
    size = records.size
    if size * (size - 1) // 2 <= ALL_PAIRS:
        return _every_pair(size)
    atoms = Atoms(records)
    finer = refinements(atoms)
    left = float(pairs_per_record * size)
    planned: list[Blocks] = []
    keys: list[Longs] = []
    for grouped in in_order(_grouped, rules_of(atoms), threads):
        blocks, members = _blocks(grouped, finer, _cap_within(grouped.of_size, int(left * RULE_SHARE)), size)
        wanted, is_worth = _worth(blocks, members, planned, judge, size)
        if is_worth and (blocks.pairs or blocks.skipped_blocks):
            keys.append(pair_keys(members, len(planned), size))
            planned.append(blocks)
            left -= wanted
    return planned, distinct_pairs(size, keys, threads)


def proposed(records: Records, plan: Sequence[Planned], threads: int = 1) -> Pairs:
    """The pairs of rules as they were planned, each once under the first rule."""
    size = records.size
    if [planned.name for planned in plan] == [EVERY_PAIR]:
        return _every_pair(size)[1]
    atoms = Atoms(records)
    finer = refinements(atoms)

    def keys(rule: tuple[int, int, Rule]) -> Longs:
        number, cap, parts = rule
        return pair_keys(_blocks(_grouped(parts), finer, cap, size)[1], number, size)

    return distinct_pairs(size, list(in_order(keys, numbered(plan, atoms), threads)), threads)


def numbered(plan: Sequence[Planned], atoms: Atoms) -> list[tuple[int, int, Rule]]:
    """(place in the plan, cap, rule) of the rules that some record has keys for."""
    known = {rule.name: rule for rule in rules_of(atoms)}
    return [(number, planned.cap, known[planned.name]) for number, planned in enumerate(plan) if planned.name in known]


def _every_pair(size: int) -> tuple[list[Blocks], Pairs]:
    left, right = np.triu_indices(size, 1)
    nothing = np.zeros(0, np.int32)
    first = np.zeros(size, np.int32)
    whole = Blocks(EVERY_PAIR, size, first, (nothing, nothing), len(left), size, int(size > 1), 0, 0, 0)
    return [whole], Pairs(left.astype(np.int32), right.astype(np.int32), np.zeros(len(left), np.int8))


def _grouped(rule: Rule) -> Grouped:
    """The keys of a rule that at least two records have."""
    found = keys_of(rule.atoms)
    records, keys, is_first = entries(found)
    group, counts = groups(keys)
    sizes = counts[group]
    shared = np.flatnonzero(sizes > 1)
    return Grouped(
        name=rule.name,
        records=records[shared],
        keys=keys[shared],
        group=group[shared],
        sizes=sizes[shared],
        is_first=is_first[shared],
        of_size=np.bincount(np.minimum(counts, BLOCK_CAP + 1)),
        largest=int(counts.max(initial=0)),
    )


def entries(keys: Keys) -> tuple[Ints, Longs, Bools]:
    """(record, key, whether it is the record's first) of all keys; a record has a key once."""
    firsts = np.flatnonzero(keys.first >= 0)
    records, values = [firsts], [keys.first[firsts]]
    for slot in range(keys.further.shape[1]):
        mine = keys.further[:, slot]
        new = (mine >= 0) & (mine != keys.first[keys.rows])
        for earlier in range(slot):
            new &= mine != keys.further[:, earlier]
        records.append(keys.rows[new])
        values.append(mine[new])
    joined = np.concatenate(records).astype(np.int32)
    return joined, np.concatenate(values), np.arange(len(joined)) < len(firsts)


def _cap_within(of_size: Longs, allowance: int) -> int:
    """The largest block size, up to BLOCK_CAP, at which a rule stays within its allowance of pairs."""
    sizes = np.arange(len(of_size))
    total = np.cumsum(of_size * sizes * (sizes - 1) // 2)
    within = np.flatnonzero(total[: BLOCK_CAP + 1] <= allowance)
    return int(within[-1]) if len(within) else 0


def _blocks(grouped: Grouped, finer: Sequence[Ints], cap: int, size: int) -> tuple[Blocks, Members]:
    """Split what is above the cap by further keys, skip what is still above it."""
    group, sizes, rows, keys = split(grouped, finer, cap)
    refined = len(np.unique(grouped.group[grouped.sizes > cap]))
    skipped = groups(keys[rows])[1].astype(np.int64)
    held = np.flatnonzero((sizes > 1) & (sizes <= cap))
    # in order of block and record: block and place in one integer sort faster than two columns
    packed = np.sort(group[held] << 32 | grouped.records[held])
    members, values = (packed & 0xFFFFFFFF).astype(np.int32), packed >> 32
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[starts, len(values)])
    partners = (np.repeat(starts + lengths, lengths) - 1 - np.arange(len(values))).astype(np.int32)
    numbers = group[held].astype(np.int32)
    firsts = grouped.is_first[held]
    first = np.full(size, -1, dtype=np.int32)
    first[grouped.records[held[firsts]]] = numbers[firsts]
    others = held[~firsts]
    order = np.argsort(grouped.records[others], kind="stable")
    blocks = Blocks(
        name=grouped.name,
        cap=cap,
        first=first,
        further=(grouped.records[others][order], numbers[~firsts][order]),
        pairs=int(partners.sum(dtype=np.int64)),
        largest=grouped.largest,
        blocks=len(lengths),
        refined_blocks=refined,
        skipped_blocks=len(skipped),
        skipped_pairs=int((skipped * (skipped - 1) // 2).sum()),
    )
    return blocks, Members(members, partners, np.cumsum(partners, dtype=np.int64))


def split(grouped: Grouped, finer: Sequence[Ints], cap: int) -> tuple[Longs, Ints, Longs, Longs]:
    """Split what is above the cap by further keys.

    Returns the block of each entry, its size, the entries that are above the cap even so, and the keys of all.
    """
    sizes, group, keys = grouped.sizes.copy(), grouped.group.astype(np.int64), grouped.keys
    rows = np.flatnonzero(sizes > cap)
    for column in finer:
        if not len(rows):
            break
        keys = keys if keys is not grouped.keys else keys.copy()
        keys[rows] = mixed(keys[rows], column[grouped.records[rows]] + 1)
        number, counts = groups(keys[rows])
        group[rows] = int(group.max()) + 1 + number
        sizes[rows] = counts[number]
        rows = rows[sizes[rows] > cap]
    return group, sizes, rows, keys


def _worth(
    blocks: Blocks, members: Members, earlier: Sequence[Blocks], judge: PairJudge, size: int
) -> tuple[float, bool]:
    """(pairs that no earlier rule proposes, whether they are worth it), from an even sample of all."""
    new, left, right = _sampled(blocks, members, earlier, SAMPLE)
    if blocks.pairs * new <= max(size, CHEAP):
        return blocks.pairs * new, True
    matches = judge(left, right).mean()
    if LEAST_YIELD / IN_DOUBT <= matches <= LEAST_YIELD * IN_DOUBT:
        new, left, right = _sampled(blocks, members, earlier, SAMPLE_IN_DOUBT)
        matches = judge(left, right).mean()
    return blocks.pairs * new, bool(matches >= LEAST_YIELD)


def _sampled(blocks: Blocks, members: Members, earlier: Sequence[Blocks], sample: int) -> tuple[float, Ints, Ints]:
    """(share of the pairs that no earlier rule proposes, those pairs), from an even sample."""
    wanted = min(sample, blocks.pairs)
    numbers = ((np.arange(wanted) + 0.5) * (blocks.pairs / max(wanted, 1))).astype(np.int64)
    one = np.searchsorted(members.total, numbers, side="right")
    other = one + 1 + numbers - (members.total[one] - members.partners[one])
    left, right = members.records[one], members.records[other]
    for rule in earlier:
        new = ~_shares_block(rule, left, right)
        left, right = left[new], right[new]
    return len(left) / max(wanted, 1), left, right


def _shares_block(blocks: Blocks, left: Ints, right: Ints) -> Bools:
    mine, theirs = _blocks_of(blocks, left), _blocks_of(blocks, right)
    found = np.zeros(len(left), dtype=bool)
    for one in mine:
        for other in theirs:
            found |= (one >= 0) & (one == other)
    return found


def _blocks_of(blocks: Blocks, records: Ints) -> list[Ints]:
    """All blocks of some records, slot by slot, -1 where a record has no more."""
    found = [blocks.first[records]]
    holders, numbers = blocks.further
    place = np.searchsorted(holders, records)
    while len(holders):
        inside = np.minimum(place, len(holders) - 1)
        held = (place < len(holders)) & (holders[inside] == records)
        if not held.any():
            break
        found.append(np.where(held, numbers[inside], np.int32(-1)))
        place = place + 1
    return found
