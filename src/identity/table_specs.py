"""The table declarations that `identity.tables` reads: data, in the order in which the pipeline writes them."""

from typing import NamedTuple


class Spec(NamedTuple):
    """Name, grain, key columns and column lines of one table."""

    name: str
    grain: str
    key: str
    columns: str
    published: bool = True


RAW = (
    Spec(
        "raw.file",
        "delivered file (or archive member)",
        "sha256 path member",
        """
        path              VARCHAR  path below the inbox, `/` between its parts
        member            VARCHAR  member inside an archive, else empty
        sha256            VARCHAR  SHA-256 of the bytes as delivered (of the member's inside an archive); with the name where it is data
        source            VARCHAR  source object it was recognised as, null when refused
        status            VARCHAR  landed, refused or seen (the same bytes stand in another file)
        rule              VARCHAR  rule by which it was refused, else null
        reason            VARCHAR  why it was refused and what to do, in words
        bytes             BIGINT  size as delivered
        lines             BIGINT  physical lines counted on the bytes, null for formats without lines
        header_lines      BIGINT  physical lines of the header row; lines above it are rejected as preamble
        rows              BIGINT  rows landed
        rejected_rows     BIGINT  rows rejected
        rejected_lines    BIGINT  physical lines of rejected rows
        encoding          VARCHAR  encoding chosen
        delimiter         VARCHAR  delimiter chosen
        first_run         BIGINT  generation in which it first arrived
        delivered_at      TIMESTAMP volatile  time of the run in which it first arrived
        last_run          BIGINT  generation in which its bytes came last; of a source delivered in full these are the latest delivery
        is_present        BOOLEAN  it stood in this generation's delivery
    """,
    ),
    Spec(
        "raw.rejected",
        "row that could not be read",
        "sha256 path member line_from row_number rule",
        """
        source            VARCHAR  source object of the file, null when unknown
        path              VARCHAR  path below the inbox
        member            VARCHAR  member inside an archive, else empty
        sha256            VARCHAR  SHA-256 of the file
        row_number        BIGINT  row in the file, from 1, counting data rows
        line_from         BIGINT  first physical line, from 1; 0 where the format has no lines
        line_to           BIGINT  last physical line
        rule              VARCHAR  name of the rule that rejected it
        detail            VARCHAR  the rule in words and what to do next; no value
        raw_text          VARCHAR personal  the row as delivered
        first_run         BIGINT  generation in which it first arrived
    """,
    ),
    Spec(
        "raw.column",
        "column of a source object as delivered",
        "source column_name",
        """
        source            VARCHAR  source object
        column_name       VARCHAR  header or field name as delivered
        mapped_to         VARCHAR  our fields it feeds, comma separated; null when nobody mapped it
        files             BIGINT  landed files that have it
        filled            BIGINT  rows in which it is not empty
        rows              BIGINT  rows of those files
    """,
    ),
)

STD = (
    Spec(
        "std.row_disposition",
        "landed row",
        "sha256 row_number",
        """
        source            VARCHAR  source object
        sha256            VARCHAR  SHA-256 of the file
        row_number        BIGINT  row in the file, from 1
        disposition       VARCHAR  record, event, superseded, duplicate, deleted, rejected or erased
        source_pk         VARCHAR  key of the record or event it became, null when rejected or erased
        rule              VARCHAR  why, where it is not plainly a record or an event
    """,
    ),
    Spec(
        "std.source_record",
        "source record, latest version",
        "source source_pk",
        """
        source            VARCHAR  system and object, e.g. shopify_customer
        source_pk         VARCHAR  key of the record in its system
        system            VARCHAR  system, e.g. shopify
        record_hash       VARCHAR  SHA-256 of the record's content as delivered
        source_created_at  TIMESTAMP  created in the source
        source_updated_at  TIMESTAMP  last changed in the source
        delivered_run     BIGINT  generation whose delivery brought this version
        sha256            VARCHAR volatile  file of this version
        row_number        BIGINT volatile  row in that file
        title             VARCHAR personal  title of the primary name
        given_name        VARCHAR personal  primary given name, for display
        middle_name       VARCHAR personal  middle names
        family_name       VARCHAR personal  primary family name, for display
        suffix            VARCHAR personal  generational suffix (Jr, III)
        full_name         VARCHAR personal  the name in one piece
        gender            VARCHAR personal  female, male, other or null
        birth_date        DATE personal  full birth date, null when partial
        birth_year        SMALLINT personal  year of birth
        birth_month       SMALLINT personal  month of birth
        birth_day         SMALLINT personal  day of birth
        company           VARCHAR  organisation
        tags              VARCHAR[] personal  labels that people put on it in the source, lower case, sorted
        email_raw         VARCHAR personal  first e-mail as delivered
        email_norm        VARCHAR personal  first valid e-mail, normal form
        email_match_key   VARCHAR personal  its matching key
        phone_raw         VARCHAR personal  first phone as delivered
        phone_e164        VARCHAR personal  first valid phone, E.164
        address_line1     VARCHAR personal  street line of the primary address
        address_line2     VARCHAR personal  second line
        house_number      VARCHAR personal  house number
        street            VARCHAR personal  street
        unit              VARCHAR personal  flat, suite
        city              VARCHAR personal  city
        region            VARCHAR personal  state or province
        postal_code       VARCHAR personal  postal code
        country_iso2      VARCHAR  country, ISO 3166-1 alpha-2
        loyalty_id        VARCHAR personal  first loyalty id
        is_test           BOOLEAN  a test record of the source
        is_staff          BOOLEAN  an employee or agent, not a customer
        has_identity      BOOLEAN  holds a name, contact point, address or id to resolve by
        quality_flags     VARCHAR[]  remarks of the parsers, sorted
    """,
    ),
    Spec(
        "std.name",
        "name of a record",
        "source source_pk position",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        position          INTEGER  0 is the primary name
        title             VARCHAR personal  title
        given_name        VARCHAR personal  given name, for display
        middle_name       VARCHAR personal  middle names
        family_name       VARCHAR personal  family name, for display
        suffix            VARCHAR personal  generational suffix
        given_key         VARCHAR personal  folded given name
        middle_key        VARCHAR personal  folded middle names
        family_key        VARCHAR personal  folded family name
        is_person         BOOLEAN  false where the text names no person
    """,
    ),
    Spec(
        "std.identifier",
        "identifier of a record",
        "source source_pk id_type id_value_norm",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        id_type           VARCHAR  email, phone, national_id, loyalty_id, customer_id, tax_id or another type
        id_value_norm     VARCHAR personal  normal form: lower-case e-mail, E.164 phone or national digits, bare id
        id_match_key      VARCHAR personal  what is compared: e-mail without Gmail dots and tags, else the normal form
        id_value_hash     VARCHAR volatile  keyed hash of the match key
        position          INTEGER  order in the record, 0 first
        is_valid          BOOLEAN  false where it only may be one (phone possible but not assigned, role e-mail)
        is_blocked        BOOLEAN  identifies nobody: see std.blocked_value
        block_reason      VARCHAR  rule that blocked it
    """,
    ),
    Spec(
        "std.address",
        "address of a record",
        "source source_pk position",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        position          INTEGER  0 is the primary address
        kind              VARCHAR  mailing, billing, shipping, other
        line1             VARCHAR personal  street line
        line2             VARCHAR personal  second line
        house_number      VARCHAR personal  house number
        street            VARCHAR personal  street
        street_key        VARCHAR personal  folded street with types and directions in one form
        unit              VARCHAR personal  flat, suite
        po_box            VARCHAR personal  post box
        city              VARCHAR personal  city
        city_key          VARCHAR personal  folded city
        region            VARCHAR personal  state or province code where known
        postal_code       VARCHAR personal  postal code, for display
        postal_key        VARCHAR personal  postal code for comparison
        country_iso2      VARCHAR  country
        address_key       VARCHAR personal  the whole place as one text, as std.blocked_value lists it
    """,
    ),
    Spec(
        "std.attribute",
        "further fact of a record",
        "source source_pk name value",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        name              VARCHAR  name of the attribute
        value             VARCHAR personal  folded value
    """,
    ),
    Spec(
        "std.hard_link",
        "statement of a source that two of its records are one",
        "source source_pk other_source other_pk",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        other_source      VARCHAR  source object of the other
        other_pk          VARCHAR  the other record
        rule              VARCHAR  name of the statement, e.g. salesforce_merged
    """,
    ),
    Spec(
        "std.record_change",
        "source record that is new, changed or withdrawn since the last published run",
        "source source_pk",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        change            VARCHAR  new, changed (other content), withdrawn (deleted, or absent from a full delivery)
    """,
        published=False,
    ),
    Spec(
        "std.blocked_value",
        "identifier value that identifies nobody",
        "id_type id_value",
        """
        id_type           VARCHAR  email, phone, address or an id type
        id_value          VARCHAR personal  match key
        n_records         BIGINT  records that hold it
        n_distinct_names  BIGINT  distinct names among them
        rule              VARCHAR  rule that blocked it
        origin            VARCHAR  global (built in), auto (learned), manual (configured or a steward's)
        since_run         BIGINT  generation from which it is blocked
    """,
    ),
    Spec(
        "std.organisation",
        "company entry of a source",
        "source source_pk",
        """
        source            VARCHAR  source object, e.g. salesforce_account
        source_pk         VARCHAR  its key
        name              VARCHAR  name
        city              VARCHAR  city
        country_iso2      VARCHAR  country
        phone_e164        VARCHAR  phone
    """,
    ),
    Spec(
        "std.order",
        "order of a source",
        "source order_id",
        """
        source            VARCHAR  source object, e.g. shopify_order, square_transaction
        order_id          VARCHAR  its key there
        person_source     VARCHAR  source object of the person's record, null when the order names nobody
        person_pk         VARCHAR  the person's record
        order_at          TIMESTAMP  time of the order
        time_zone         VARCHAR  zone or offset it was written in
        channel           VARCHAR  online, store or other
        store_id          VARCHAR  shop or till location
        status            VARCHAR  status in the source's words
        currency          VARCHAR  ISO 4217
        gross             DECIMAL(18,4)  goods before discounts
        discount          DECIMAL(18,4)  discounts, positive
        tax               DECIMAL(18,4)  tax
        shipping          DECIMAL(18,4)  shipping
        returned_revenue  DECIMAL(18,4)  refunded, positive
        canceled_revenue  DECIMAL(18,4)  cancelled, positive
        net_revenue       DECIMAL(18,4)  gross - discount - returned - cancelled
        total_charged     DECIMAL(18,4)  total of the source (with tax, shipping, tips)
        is_test           BOOLEAN  a test order
        title             VARCHAR  order number for display
    """,
    ),
    Spec(
        "std.order_item",
        "line of an order",
        "source order_id line_number",
        """
        source            VARCHAR  source object of the order
        order_id          VARCHAR  order
        line_number       INTEGER  from 1: the order's first row, then by product, SKU and price, whatever the rows' order
        sku               VARCHAR  stock keeping unit
        product           VARCHAR  name
        quantity          DECIMAL(18,4)  pieces, negative for returned ones
        unit_price        DECIMAL(18,4)  price a piece
        gross             DECIMAL(18,4)  line before discount
        discount          DECIMAL(18,4)  positive
        net_revenue       DECIMAL(18,4)  gross - discount
        vendor            VARCHAR  vendor
        category          VARCHAR  category
    """,
    ),
    Spec(
        "std.refund",
        "refund that a source tells of by itself",
        "source order_id refund_number",
        """
        source            VARCHAR  source object of the order
        order_id          VARCHAR  order
        refund_number     INTEGER  from 1, by time
        refunded_at       TIMESTAMP  when
        time_zone         VARCHAR  zone or offset it was written in
        amount            DECIMAL(18,4)  goods refunded, positive
    """,
    ),
    Spec(
        "std.touchpoint",
        "interaction that is neither order nor ticket",
        "source source_pk",
        """
        source            VARCHAR  source object, e.g. mailchimp_open, shopify_checkout
        source_pk         VARCHAR  its key (a hash of the row where the source has none)
        person_source     VARCHAR  source object of the person's record
        person_pk         VARCHAR  the person's record
        person_email      VARCHAR personal  e-mail match key where that is all the source names
        occurred_at       TIMESTAMP  when, null where the source does not say
        channel           VARCHAR  email, web, app, store, online, support, ads
        touch_type        VARCHAR  email_opened, email_clicked, email_sent, checkout_abandoned …
        campaign          VARCHAR  campaign
        title             VARCHAR  words for a person
        url               VARCHAR personal  link, where there is one
        value             DECIMAL(18,4)  money value
        currency          VARCHAR  ISO 4217
        session_id        VARCHAR  visit as the source numbers it
        is_machine        BOOLEAN  opened by a machine where the source tells, else null
        time_zone         VARCHAR  zone or offset it was written in
        visitor_id        VARCHAR personal  cookie or device that visited; a record may hold it as identifier visitor_id
        page              VARCHAR  path of the page, without its query; parts that may name somebody as `*`
        utm_source        VARCHAR  where the visit came from, as the link says
        utm_medium        VARCHAR  by which kind of link
        referrer          VARCHAR  host of the page before, null where it is the site itself
        order_id          VARCHAR  order that the interaction reports
        is_conversion     BOOLEAN  the source calls it a conversion
    """,
    ),
    Spec(
        "std.ticket",
        "help-desk ticket",
        "source ticket_id",
        """
        source            VARCHAR  source object, e.g. zendesk_ticket
        ticket_id         VARCHAR  its key
        person_source     VARCHAR  source object of the requester's record
        person_pk         VARCHAR  the requester's record
        person_email      VARCHAR personal  e-mail match key where that is all the source names
        created_at        TIMESTAMP  created
        updated_at        TIMESTAMP  last changed
        solved_at         TIMESTAMP  solved
        status            VARCHAR  status in the source's words
        priority          VARCHAR  priority
        channel           VARCHAR  channel of the ticket
        subject           VARCHAR personal  subject
        replies           INTEGER  replies
        reopens           INTEGER  reopens
        first_reply_minutes  INTEGER  minutes to the first reply
        resolution_minutes  INTEGER  minutes to the full resolution
        satisfaction      VARCHAR  good, bad, offered, unoffered or null
    """,
    ),
    Spec(
        "std.survey_response",
        "answer to a survey",
        "source response_id",
        """
        source            VARCHAR  source object
        response_id       VARCHAR  its key
        person_source     VARCHAR  source object of the person's record
        person_pk         VARCHAR  the person's record
        person_email      VARCHAR personal  e-mail match key where that is all the source names
        kind              VARCHAR  nps or csat
        score             DECIMAL(18,4)  score given
        answered_at       TIMESTAMP  when
        comment           VARCHAR personal  words
    """,
    ),
    Spec(
        "std.consent_event",
        "statement about consent",
        "source source_pk channel purpose contact evidence",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        channel           VARCHAR  email, sms, phone, fax, whatsapp, mail
        purpose           VARCHAR  marketing, all …
        contact           VARCHAR personal  contact point it is about, empty when the record does not name one
        status            VARCHAR  granted, denied or unknown
        is_objection      BOOLEAN  an objection, complaint or suppression: wins for ever
        effective_at      TIMESTAMP  when it was said, null where the source does not say
        evidence          VARCHAR  column or file that says so
    """,
    ),
)

MATCH = (
    Spec(
        "match.blocking_rule",
        "blocking rule",
        "rule",
        """
        rule              VARCHAR  name
        rank              INTEGER  its place: a pair comes under the first rule that proposes it
        cap               BIGINT  most records of a block that are compared with each other
        pairs             BIGINT  pairs it proposes
        new_pairs         BIGINT  pairs no earlier rule proposed
        blocks            BIGINT  blocks
        largest_block     BIGINT  records in its largest block
        refined_blocks    BIGINT  blocks above the cap, split by a further key
        skipped_blocks    BIGINT  blocks above the cap even so: not compared, reported
        skipped_pairs     BIGINT  pairs in them
    """,
    ),
    Spec(
        "match.vector",
        "level of a comparison",
        "field level",
        """
        field             VARCHAR  comparison
        level             INTEGER  value in the packed vector
        shift             INTEGER  bit offset in comparison_vector
        bits              INTEGER  width
        label             VARCHAR  what the level means
        m                 DOUBLE  P(level | same person)
        u                 DOUBLE  P(level | different people)
        weight            DOUBLE  log2(m/u)
        origin            VARCHAR  where m came from: prior, em or labels
    """,
    ),
    Spec(
        "match.model",
        "model of the run",
        "model_version",
        """
        model_version     VARCHAR  hash of its parameters
        parameters        VARCHAR  JSON, schema in docs/matching.md
        em_iterations     INTEGER  rounds of EM
        em_converged      BOOLEAN  whether the last round moved less than the tolerance
        prior_match_probability  DOUBLE  P(two random records are the same person)
        pairs_scored      BIGINT  candidate pairs it was learned from
        estimated_run     BIGINT  generation whose run estimated it: the parameters stay until a full run
        estimated_records  BIGINT  records it was estimated on
        frozen            VARCHAR  JSON: what else stays with it (fields compared, counts, how they were estimated)
    """,
    ),
    Spec(
        "match.term_frequency",
        "value that several records (of contact points: several names) held when the model was estimated",
        "field frequency term",
        """
        field             VARCHAR  column of the encoded records
        frequency         DOUBLE  share of the records with a value that held it
        term              BIGINT volatile  keyed hash of the value
    """,
    ),
    Spec(
        "match.scored_pair",
        "pair of distinct records whose weight keeps it in play for resolve",
        "left_record right_record",
        """
        left_record       INTEGER  number of the smaller record in order of the record keys, from 0
        right_record      INTEGER  number of the larger record
        blocking_rule     VARCHAR  first rule that proposed it
        rule_id           VARCHAR  deterministic rule that fired, null for fuzzy
        match_weight      DOUBLE  log2 odds of a match, prior included
        comparison_vector  BIGINT  levels packed, decoded by match.vector
    """,
        published=False,
    ),
    Spec(
        "match.candidate_pair",
        "unordered pair of records at or above the review threshold",
        "source_a pk_a source_b pk_b",
        """
        source_a          VARCHAR  the smaller record key
        pk_a              VARCHAR  the smaller record key
        source_b          VARCHAR  the larger record key
        pk_b              VARCHAR  the larger record key
        blocking_rule     VARCHAR  first rule that proposed it
        stage             VARCHAR  deterministic, fuzzy or steward
        rule_id           VARCHAR  deterministic rule that fired, null for fuzzy
        match_weight      DOUBLE  log2 Bayes factor with the prior
        match_probability  DOUBLE  calibrated
        comparison_vector  BIGINT  levels packed, decoded by match.vector
        outcome           VARCHAR  link, review, no or vetoed
        vetoed_by         VARCHAR  constraint that kept it apart
    """,
    ),
    Spec(
        "match.cluster",
        "cluster of this run",
        "cluster_id",
        """
        cluster_id        BIGINT  number in order of the smallest record key
        profile_id        VARCHAR  profile it became
        n_records         BIGINT  records
        n_sources         BIGINT  source objects
        min_edge_probability  DOUBLE  weakest link that holds it together, null for one record
        is_bridge         BOOLEAN  one removed pair would split it (of three records or more)
        density           DOUBLE  linked pairs / all inner pairs, null for one record
        conflict_flags    VARCHAR[]  differing birth dates, ids, genders …, sorted
        confidence        DOUBLE  probability that all its records are one person, as estimated
    """,
    ),
    Spec(
        "match.cluster_member",
        "record of a cluster",
        "source source_pk",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        cluster_id        BIGINT  cluster
        link_method       VARCHAR  how it is held: a rule's name, fuzzy, or single
        link_score        DOUBLE  its best match weight inside the cluster, null for one record
        link_probability  DOUBLE  and probability
    """,
        published=False,
    ),
)

IDENTITY = (
    Spec(
        "identity.profile_xref",
        "live source record",
        "source source_pk",
        """
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        profile_id        VARCHAR  profile it belongs to
        link_method       VARCHAR  how it is held: a rule's name, fuzzy, or single
        link_score        DOUBLE  best match weight inside the profile, null for one record
        linked_since_run  BIGINT  generation since which it belongs to this profile
        prev_profile_id   VARCHAR  profile it belonged to before, null when none
    """,
    ),
    Spec(
        "identity.profile",
        "profile id ever issued",
        "profile_id",
        """
        profile_id        VARCHAR  the id
        status            VARCHAR  active, merged, split, retired or erased
        created_run       BIGINT  generation that issued it
        retired_run       BIGINT  generation that ended it, null while active
        survivor_profile_id  VARCHAR  the id that carries on, for merged ones
        split_from        VARCHAR  the id it was split from
        n_records         BIGINT  live records
    """,
    ),
    Spec(
        "identity.profile_event",
        "change of a profile",
        "event_id",
        """
        event_id          VARCHAR  derived from run number and content
        run_number        BIGINT  generation in which it happened
        event_type        VARCHAR  created, absorbed_record, lost_record, merged_into, split_from, retired, reinstated, erased
        profile_id        VARCHAR  profile
        other_profile_id  VARCHAR  the other one, for merges and splits
        source            VARCHAR  record that moved
        source_pk         VARCHAR  record that moved
        cause             VARCHAR  new_data, changed_data, withdrawn, rule_or_model, steward, blocked_value, erasure
        actor             VARCHAR  pipeline, or who decided
        run_id            VARCHAR volatile  run
        at                TIMESTAMP volatile  the run's time
    """,
    ),
    Spec(
        "identity.profile_alias",
        "retired id that another carries on",
        "old_profile_id",
        """
        old_profile_id    VARCHAR  the id found in an old extract
        current_profile_id  VARCHAR  the active id (closed: never itself an alias)
        since_run         BIGINT  generation
    """,
    ),
)

STEWARD = (
    Spec(
        "steward.log",
        "entry of the decision log as the run found it at its start",
        "number",
        """
        number            BIGINT  place in the log, from 1
        kind              VARCHAR  same, not_same, unsure, split, pin_value, exclude_value, block_value, unblock_value, correct_value or undo
        decided_by        VARCHAR  who decided
        at                TIMESTAMP volatile  when
        field             VARCHAR  field group or identifier type it is about
        value             VARCHAR personal  value it is about
        reason            VARCHAR personal  why, in the steward's words
        undoes            BIGINT  decision it undoes
        supersedes        BIGINT  decision it replaces
        assignee          VARCHAR  who is to look again
        due               DATE  when
        evidence          VARCHAR  marks of the records' content when it was decided
        chain_hash        VARCHAR volatile  hash of the chain up to here
        erased_at         TIMESTAMP volatile  when its text was erased
    """,
        published=False,
    ),
    Spec(
        "steward.log_record",
        "record of a decision",
        "number position",
        """
        number            BIGINT  decision
        position          INTEGER  from 0
        part              INTEGER  side or part, from 0
        source            VARCHAR  source object, null when erased
        source_pk         VARCHAR  record, null when erased
    """,
        published=False,
    ),
    Spec(
        "steward.decision",
        "steward's decision",
        "number",
        """
        number            BIGINT  place in the log, from 1
        decision_id       VARCHAR  D and the number
        kind              VARCHAR  same, not_same, unsure, split, pin_value, exclude_value, block_value, unblock_value, correct_value or undo
        state             VARCHAR  active, stale (a record changed since), revoked or superseded
        effect            VARCHAR  applied, waiting (a record is not there), contradiction (not followed), or null when it does not stand
        decided_by        VARCHAR  who decided
        at                TIMESTAMP volatile  when
        reason            VARCHAR personal  why, in the steward's words
        records           VARCHAR[]  records as source:key
        parts             INTEGER[]  side or part of each record, from 0
        field             VARCHAR  field group or identifier type it is about
        value             VARCHAR personal  value it is about
        undoes            VARCHAR  decision it undoes
        supersedes        VARCHAR  decision it replaces
        ended_by          VARCHAR  who undid or replaced it
        assignee          VARCHAR  who is to look again
        due               DATE  when
        evidence          VARCHAR  marks of the records' content when it was decided
        since_run         BIGINT  generation since which its state and effect are these
        chain_hash        VARCHAR volatile  hash of the log's chain up to here
    """,
    ),
    Spec(
        "steward.review_item",
        "case for a steward to decide",
        "item_id",
        """
        item_id           VARCHAR  derived from kind and subject: the same case has the same id in every run
        kind              VARCHAR  pair, cap, contested, contradiction, stale_decision or shared_contact
        why               VARCHAR  what made it a case: grey_band, linkage_conflict, cap_records …
        priority          DOUBLE  uncertainty times business value
        uncertainty       DOUBLE  how likely a word changes what holds without one, 0 to 1: of a pair in doubt its probability
        business_value    DOUBLE  net revenue of the profiles concerned in one currency, else their number of records
        records           VARCHAR[]  records as source:key; of a contested one the newcomer, then both candidates
        profile_ids       VARCHAR[]  profiles they belong to, in the same order
        decisions         VARCHAR[]  decisions concerned
        id_type           VARCHAR  type of a shared value
        id_value          VARCHAR personal  a shared value
        match_probability  DOUBLE  of the pair
        assignee          VARCHAR  who is to look at it
        due               DATE  until when
        since_run         BIGINT  generation that first raised it
    """,
    ),
    Spec(
        "steward.sample_stratum",
        "kind of automatic answer that is sampled",
        "stratum",
        """
        stratum           VARCHAR  joined_by_rule, joined_sure, joined_likely, joined_by_others, apart_vetoed, apart_review or apart_unlikely
        is_joined         BOOLEAN  whether its pairs are in one profile
        pairs             BIGINT  pairs of this kind in the run, those a steward decided apart
        drawn             BIGINT  of them drawn for review and not reviewed yet
    """,
    ),
    Spec(
        "steward.sample_item",
        "pair drawn for review, so that precision and recall can be estimated",
        "item_id",
        """
        item_id           VARCHAR  derived from the pair: the same pair has the same id in every run
        stratum           VARCHAR  kind of automatic answer, see steward.sample_stratum
        source_a          VARCHAR  the smaller record key
        pk_a              VARCHAR  the smaller record key
        source_b          VARCHAR  the larger record key
        pk_b              VARCHAR  the larger record key
        match_weight      DOUBLE  log2 odds of a match, prior included
        comparison_vector  BIGINT  levels packed, decoded by match.vector
        is_double         BOOLEAN  two reviewers are to look at it, each without the other's answer
    """,
    ),
    Spec(
        "steward.opinion",
        "reviewer's answer about a sampled pair, as the run found it at its start",
        "item_id reviewer",
        """
        item_id           VARCHAR  sampled pair
        reviewer          VARCHAR  who
        verdict           VARCHAR  same, not_same or unsure
        stratum           VARCHAR  kind of automatic answer when it was drawn
        run_number        BIGINT  generation that showed it
        at                TIMESTAMP volatile  when
    """,
    ),
)

_GOLDEN = """
        profile_id        VARCHAR  stable id
        title             VARCHAR personal  title
        given_name        VARCHAR personal  given name
        middle_name       VARCHAR personal  middle names
        family_name       VARCHAR personal  family name
        suffix            VARCHAR personal  generational suffix
        full_name         VARCHAR personal  the name in one piece
        birth_date        DATE personal  birth date
        gender            VARCHAR personal  female, male, other
        company           VARCHAR  organisation
        email             VARCHAR personal  primary e-mail
        phone             VARCHAR personal  primary phone, E.164
        address_line1     VARCHAR personal  street line
        address_line2     VARCHAR personal  second line
        city              VARCHAR personal  city
        region            VARCHAR personal  state or province
        postal_code       VARCHAR personal  postal code
        country_iso2      VARCHAR  country"""
_OF_RECORDS = """
        n_source_records  BIGINT  records
        sources           VARCHAR[]  source objects, sorted
        systems           VARCHAR[]  systems, sorted
        match_confidence  DOUBLE  of its cluster; 1 for one record
        profile_version   BIGINT  generations in which its golden values changed
        is_test           BOOLEAN  every record is a test record
        is_staff          BOOLEAN  a record is of an employee or agent"""

GOLD = (
    Spec(
        "gold.customer_360",
        "active profile",
        "profile_id",
        f"""{_GOLDEN}
        consent_email     VARCHAR  marketing by e-mail: granted, denied, unknown
        consent_sms       VARCHAR  marketing by text message
        consent_phone     VARCHAR  marketing by phone
        preferred_channel  VARCHAR  channel of most orders, then of most interactions
        first_seen_at     TIMESTAMP  earliest dated trace in any source
        last_seen_at      TIMESTAMP  latest dated trace in any source{_OF_RECORDS}
        is_reseller       BOOLEAN  buys to sell on, by a rule of [resellers]; averages leave test, staff and resellers out
        reseller_rule     VARCHAR  which: tag, email_domain, company or order_volume
        household_id      VARCHAR  household, null where surname or address are not known or shared by too many
        is_restricted     BOOLEAN  the person asked that the data be kept only: exports leave it out
        orders            BIGINT  orders, test orders apart
        revenue           DECIMAL(18,4)  net revenue in revenue_currency; 0 without orders, null when currencies mix or a rate is missing
        revenue_currency  VARCHAR  its currency: the reporting one where that is configured
        aov               DECIMAL(18,4)  (gross - discount) per order, before returns and cancellations; null when currencies mix
        first_order_at    TIMESTAMP  first order
        last_order_at     TIMESTAMP  last order
        abandoned_checkouts  BIGINT  checkouts not completed
        email_opens       BIGINT  opens
        email_clicks      BIGINT  clicks
        tickets           BIGINT  tickets
        open_tickets      BIGINT  tickets not solved or closed
        csat              DOUBLE  good / (good + bad), null without ratings
        nps_class         VARCHAR  promoter, passive or detractor by the latest answer
        sessions          BIGINT  visits to sites and apps
        lifecycle_status  VARCHAR dated  prospect (no order), new, active, lapsed or dormant
        p_alive           DOUBLE dated  probability to buy ever again, null for those who never bought and without a model
        predicted_clv_12m  DECIMAL(18,4) dated  value of the orders expected in the next 12 months, in the currency of gold.customer_traits
        rfm               VARCHAR dated  deciles of recency, frequency and money among buyers of the last 12 months, 000 to 999
        profile_hash      VARCHAR personal  SHA-256 of the golden values, to see change between generations
    """,
    ),
    Spec(
        "gold.profile_core",
        "active profile before consent and traits",
        "profile_id",
        f"""{_GOLDEN}
        first_record_at   TIMESTAMP  earliest date a record of it carries
        last_record_at    TIMESTAMP  latest date a record of it carries{_OF_RECORDS}
        profile_hash      VARCHAR personal  SHA-256 of the golden values, to see change between generations
    """,
        published=False,
    ),
    Spec(
        "gold.field_lineage",
        "profile x field group",
        "profile_id field_group",
        """
        profile_id        VARCHAR  profile
        field_group       VARCHAR  name, email, phone, address, birth_date, gender, company
        winning_source    VARCHAR  source object of the winner
        winning_source_pk  VARCHAR  record of the winner
        winning_updated_at  TIMESTAMP  when that record last changed
        rule              VARCHAR  what decided: only_candidate, completeness, priority, recency, frequency, tie_break, steward
        n_candidates      BIGINT  distinct values
        n_records         BIGINT  records that hold a value
        losing_values     VARCHAR personal  JSON list of the other values, masked
    """,
    ),
    Spec(
        "gold.contact_point",
        "profile x type x value",
        "profile_id type value",
        """
        profile_id        VARCHAR  profile
        type              VARCHAR  email, phone or address
        value             VARCHAR personal  normal form
        is_primary        BOOLEAN  the one on customer_360
        rank              BIGINT  1 is the primary
        first_seen        TIMESTAMP  earliest dated record that holds it
        last_seen         TIMESTAMP  latest
        sources           VARCHAR[]  source objects, sorted
        n_records         BIGINT  records
        is_shared         BOOLEAN  stands in other profiles too
        is_blocked        BOOLEAN  identifies nobody
        validity          VARCHAR  valid or doubtful
    """,
    ),
    Spec(
        "gold.consent",
        "profile x channel x purpose",
        "profile_id channel purpose",
        """
        profile_id        VARCHAR  profile
        channel           VARCHAR  email, sms, phone, fax, whatsapp, mail
        purpose           VARCHAR  purpose
        status            VARCHAR  granted, denied or unknown
        effective_at      TIMESTAMP  of the deciding evidence
        evidence_source   VARCHAR  source object of the deciding evidence
        evidence_source_pk  VARCHAR  its record
        rule              VARCHAR  objection, latest_per_contact_point, most_restrictive or only_evidence
        n_events          BIGINT  statements considered
    """,
    ),
    Spec(
        "gold.consent_event",
        "statement about consent",
        "source source_pk channel purpose contact evidence",
        """
        profile_id        VARCHAR  profile
        source            VARCHAR  source object
        source_pk         VARCHAR  record
        channel           VARCHAR  channel
        purpose           VARCHAR  purpose
        contact           VARCHAR personal  contact point
        status            VARCHAR  granted, denied or unknown
        is_objection      BOOLEAN  wins for ever
        effective_at      TIMESTAMP  when
        evidence          VARCHAR  column or file that says so
    """,
    ),
    Spec(
        "gold.orders",
        "order",
        "source order_id",
        """
        source            VARCHAR  source object
        order_id          VARCHAR  its key there
        profile_id        VARCHAR  profile, null when the order names nobody
        order_at          TIMESTAMP  time
        time_zone         VARCHAR  zone or offset it was written in
        channel           VARCHAR  online, store or other
        store_id          VARCHAR  shop or till location
        status            VARCHAR  status in the source's words
        currency          VARCHAR  ISO 4217
        gross             DECIMAL(18,4)  goods before discounts
        discount          DECIMAL(18,4)  discounts
        tax               DECIMAL(18,4)  tax
        shipping          DECIMAL(18,4)  shipping
        returned_revenue  DECIMAL(18,4)  refunded
        canceled_revenue  DECIMAL(18,4)  cancelled
        net_revenue       DECIMAL(18,4)  gross - discount - returned - cancelled
        total_charged     DECIMAL(18,4)  total of the source
        reporting_rate    DECIMAL(18,8)  what one unit of currency is worth in reporting_currency; 1 where they are one
        reporting_currency  VARCHAR  currency of the next three: the configured one, else that of all orders, null when they mix
        gross_reporting   DECIMAL(18,4)  gross in it, at the last rate known on the order's day (UTC); null without a rate
        discount_reporting  DECIMAL(18,4)  discount in it
        net_revenue_reporting  DECIMAL(18,4)  net_revenue in it
        n_items           BIGINT  lines
        is_test           BOOLEAN  a test order
        title             VARCHAR  order number for display
    """,
    ),
    Spec(
        "gold.order_items",
        "line of an order",
        "source order_id line_number",
        """
        source            VARCHAR  source object
        order_id          VARCHAR  order
        line_number       INTEGER  from 1
        profile_id        VARCHAR  profile of the order
        sku               VARCHAR  stock keeping unit
        product           VARCHAR  name
        quantity          DECIMAL(18,4)  pieces
        unit_price        DECIMAL(18,4)  price a piece
        gross             DECIMAL(18,4)  line before discount
        discount          DECIMAL(18,4)  discount
        net_revenue       DECIMAL(18,4)  gross - discount
        vendor            VARCHAR  vendor
        category          VARCHAR  category
    """,
    ),
    Spec(
        "gold.refunds",
        "refund",
        "source order_id refund_number",
        """
        source            VARCHAR  source object of the order
        order_id          VARCHAR  order
        refund_number     INTEGER  from 1, by time; 0 where the source gives no more than the order's sum
        profile_id        VARCHAR  profile of the order
        refunded_at       TIMESTAMP  when; null where the source gives no more than the order's sum
        time_zone         VARCHAR  zone or offset it was written in
        currency          VARCHAR  ISO 4217, of the order
        amount            DECIMAL(18,4)  goods refunded, positive; an order's refunds add up to its returned_revenue
        amount_reporting  DECIMAL(18,4)  in the reporting currency, at the order's rate
        is_test           BOOLEAN  of a test order
    """,
    ),
    Spec(
        "gold.checkout",
        "abandoned checkout",
        "source checkout_id",
        """
        source            VARCHAR  source object
        checkout_id       VARCHAR  its key there
        profile_id        VARCHAR  profile, null when nobody is named
        abandoned_at      TIMESTAMP  when it was begun
        time_zone         VARCHAR  zone or offset it was written in
        value             DECIMAL(18,4)  what it would have cost
        currency          VARCHAR  ISO 4217
        is_recovered      BOOLEAN  the profile ordered online within 7 days; null when nobody is named
        recovered_at      TIMESTAMP  time of that order
        order_source      VARCHAR  its source object
        order_id          VARCHAR  its key there
    """,
    ),
    Spec(
        "gold.touchpoint",
        "interaction",
        "touchpoint_id",
        """
        touchpoint_id     VARCHAR  derived from source and key
        profile_id        VARCHAR  profile, null when nobody is named
        occurred_at       TIMESTAMP  when
        channel           VARCHAR  email, web, app, store, online, support, ads
        touch_type        VARCHAR  order, ticket_opened, email_opened, email_clicked, checkout_abandoned …
        campaign          VARCHAR  campaign
        source            VARCHAR  source object
        source_pk         VARCHAR  its key there
        title             VARCHAR  words for a person
        value             DECIMAL(18,4)  money value
        currency          VARCHAR  ISO 4217
        is_conversion     BOOLEAN  an order that counts, or what a source calls a conversion and is no order
        session_id        VARCHAR  visit in gold.session
        is_machine        BOOLEAN  opened by a machine where the source tells
        time_zone         VARCHAR  zone or offset in which the source wrote the time
        marketing_channel  VARCHAR  what brought the person: the channel of its visit, else its own
    """,
    ),
    Spec(
        "gold.session",
        "visit",
        "session_id",
        """
        session_id        VARCHAR  derived from its first interaction
        profile_id        VARCHAR  profile, null when nobody is named
        started_at        TIMESTAMP  first interaction
        ended_at          TIMESTAMP  last interaction
        time_zone         VARCHAR  zone or offset in which the source wrote the time
        channel           VARCHAR  direct, organic_search, paid_search, email, social, paid_social, referral, affiliate, display, sms, push, other; unknown where the source never tells
        traffic_source    VARCHAR  site, engine or sender it came from
        traffic_medium    VARCHAR  kind of link, as the source says
        campaign          VARCHAR  campaign
        landing_page      VARCHAR  path of the first page
        touches           BIGINT  interactions
        is_converted      BOOLEAN  an order was placed in it, or the source calls an interaction a conversion
        orders            BIGINT  orders placed in it
        order_source      VARCHAR  source object of its first order
        order_id          VARCHAR  its first order
        source            VARCHAR  source object of the visit
        source_pk         VARCHAR  its first interaction there
    """,
    ),
    Spec(
        "gold.tickets",
        "ticket",
        "source ticket_id",
        """
        source            VARCHAR  source object
        ticket_id         VARCHAR  its key there
        profile_id        VARCHAR  profile, null when nobody is named
        created_at        TIMESTAMP  created
        updated_at        TIMESTAMP  last changed
        solved_at         TIMESTAMP  solved
        status            VARCHAR  status
        priority          VARCHAR  priority
        channel           VARCHAR  channel
        subject           VARCHAR personal  subject
        replies           INTEGER  replies
        reopens           INTEGER  reopens
        first_reply_minutes  INTEGER  minutes to the first reply
        resolution_minutes  INTEGER  minutes to the full resolution
        satisfaction      VARCHAR  good, bad, offered, unoffered
        is_test           BOOLEAN  the requester is a test record
    """,
    ),
    Spec(
        "gold.email_engagement",
        "profile",
        "profile_id",
        """
        profile_id        VARCHAR  profile
        sends             BIGINT  e-mails known to be sent, null where no source tells
        bounces           BIGINT  of them not delivered, null where no source tells of any
        delivered         BIGINT  sends - bounces; bounces count as none where no source tells
        opens             BIGINT  opens, those by machines with them
        unique_opens      BIGINT  campaigns opened
        machine_opens     BIGINT  opened by machines, null where no source tells
        unique_human_opens  BIGINT  campaigns opened otherwise than by a machine, null where no source tells
        clicks            BIGINT  clicks
        unique_clicks     BIGINT  campaigns clicked
        open_rate         DOUBLE  campaigns sent and opened / delivered, null without deliveries
        human_open_rate   DOUBLE  the same without machine opens, null where no source tells
        click_rate        DOUBLE  campaigns sent and clicked / delivered, null without deliveries
        click_to_open_rate  DOUBLE  unique_clicks / unique_opens, null without opens; above 1 where opens were not seen
        last_sent_at      TIMESTAMP  last e-mail sent
        last_open_at      TIMESTAMP  last open
        last_click_at     TIMESTAMP  last click
        consent_email     VARCHAR  opt status: granted, denied, unknown
    """,
    ),
    Spec(
        "gold.support_summary",
        "profile with tickets or answers to surveys",
        "profile_id",
        """
        profile_id        VARCHAR  profile
        tickets           BIGINT  tickets
        open_tickets      BIGINT  not solved or closed
        first_reply_minutes  DOUBLE  mean minutes to the first reply
        resolution_minutes  DOUBLE  mean minutes to the full resolution, of tickets that have one
        csat_good         BIGINT  good ratings: of tickets, and 4 or 5 of 5 in satisfaction surveys
        csat_bad          BIGINT  bad ratings: of tickets, and below 4 in satisfaction surveys
        csat              DOUBLE  good / (good + bad)
        last_ticket_at    TIMESTAMP  last ticket
        nps_last          DECIMAL(18,4)  latest answer to how likely one would recommend us, 0 to 10
        nps_last_at       TIMESTAMP  when it was given
        nps_class         VARCHAR  promoter (9, 10), passive (7, 8), detractor (0 to 6)
    """,
    ),
    Spec(
        "gold.household",
        "household",
        "household_id",
        """
        household_id      VARCHAR  derived from place and surname by a keyed hash: the same as long as both are
        rule              VARCHAR  same_surname_and_address, or same_surname_and_unit in a house of many names
        address_key       VARCHAR personal  country, house number, street, unit, box and postal code (else town), folded
        surname_key       VARCHAR personal  folded surname
        city              VARCHAR  town, of its first profile
        country_iso2      VARCHAR  country
        members           BIGINT  profiles
        orders            BIGINT  orders of its members, test orders apart
        revenue           DECIMAL(18,4)  net revenue of its members; null where a member's is null or currencies differ
        revenue_currency  VARCHAR  its currency
    """,
    ),
    Spec(
        "gold.household_member",
        "profile in a household",
        "profile_id",
        """
        profile_id        VARCHAR  profile
        household_id      VARCHAR  household
        role              VARCHAR  adult, minor (under 18 on the run's day) or unknown
        is_primary_buyer  BOOLEAN  the member with most orders, then revenue, then the first order
    """,
    ),
)

JOURNEY = (
    Spec(
        "mart.journey",
        "journey: what led to a conversion, or since the last one to none yet",
        "journey_id",
        """
        journey_id        VARCHAR  the conversion's id, or `open_` and the profile
        profile_id        VARCHAR  profile
        journey_number    BIGINT  of the profile, from 1
        is_converted      BOOLEAN  ended in a conversion
        conversion_id     VARCHAR  its interaction in gold.touchpoint, null where there is none
        conversion_type   VARCHAR  order, or what kind of interaction
        converted_at      TIMESTAMP  when
        value             DECIMAL(18,4)  net revenue of the order, or the interaction's value
        currency          VARCHAR  ISO 4217
        value_reporting   DECIMAL(18,4)  of an order, in the reporting currency
        steps             BIGINT  visits, and e-mails, tickets and the like outside them
        touches           BIGINT  interactions
        started_at        TIMESTAMP  first step
        first_touch_channel  VARCHAR  channel of the first step, null without steps
        first_touch_campaign  VARCHAR  its campaign
        last_touch_channel  VARCHAR  channel of the last step
        last_touch_campaign  VARCHAR  its campaign
        last_non_direct_channel  VARCHAR  channel of the last step that is not direct
        path              VARCHAR  channels in order, ` > ` between, equal ones that follow each other once
        hours_to_convert  DOUBLE  from the first step to the conversion
    """,
    ),
    Spec(
        "mart.journey_step",
        "step of a journey",
        "journey_id step_number",
        """
        journey_id        VARCHAR  journey
        step_number       BIGINT  from 1, in order of time
        profile_id        VARCHAR  profile
        conversion_id     VARCHAR  conversion of the journey, null where there is none
        channel           VARCHAR  what brought the person
        campaign          VARCHAR  campaign
        session_id        VARCHAR  visit, null outside of visits
        touchpoint_id     VARCHAR  its first interaction
        source            VARCHAR  source object of that
        source_pk         VARCHAR  its key there
        started_at        TIMESTAMP  first interaction
        ended_at          TIMESTAMP  last interaction
        touches           BIGINT  interactions
        hours_to_next     DOUBLE  to the next step, of the last one to the conversion
    """,
    ),
    Spec(
        "mart.journey_path",
        "path",
        "path",
        """
        path              VARCHAR  channels in order, of long paths the last eight
        journeys          BIGINT  journeys along it; test, staff and reseller profiles left out
        conversions       BIGINT  of them converted
        conversion_rate   DOUBLE  conversions / journeys
        value_reporting   DECIMAL(18,4)  net revenue of their orders, in the reporting currency
        median_hours      DOUBLE  half of the conversions took no longer from the first step
    """,
    ),
    Spec(
        "mart.channel_transition",
        "channel x channel that follows",
        "from_channel to_channel",
        """
        from_channel      VARCHAR  channel, or start
        to_channel        VARCHAR  channel of the next step, or conversion, or none (no conversion yet)
        transitions       BIGINT  how often; test, staff and reseller profiles left out
        journeys          BIGINT  journeys in which it happened
        median_hours      DOUBLE  half of them took no longer; null from start and to none
    """,
    ),
)

MEASURES = (
    Spec(
        "gold.survey_response",
        "answer to a survey",
        "source response_id",
        """
        source            VARCHAR  source object
        response_id       VARCHAR  its key there
        profile_id        VARCHAR  profile, null when nobody is named
        kind              VARCHAR  nps (0 to 10) or csat (1 to 5)
        score             DECIMAL(18,4)  score given
        answered_at       TIMESTAMP  when
    """,
    ),
    Spec(
        "mart.basis",
        "published generation: the one row says as of when, and by which settings, all figures of gold.customer_traits and mart are",
        "basis",
        """
        basis             VARCHAR  always kpi
        as_of             TIMESTAMP volatile  the run's time; recency and windows count back from it
        generation        BIGINT volatile  number of the run
        new_days          INTEGER  a buyer is new for so many days after the first order
        active_days       INTEGER  and active for so many after the last
        lapsed_days       INTEGER  and lapsed, not dormant, for so many
        early_repeat_days  INTEGER  a second order within so many days of the first is an early repeat
        clv_months        INTEGER  months of 30 days that predicted values look ahead
        monthly_discount  DOUBLE  by which a month's later money is worth less
        lookback_days     INTEGER  days before a conversion whose touches are credited
        half_life_hours   DOUBLE  time decay: a touch so much earlier counts half
    """,
    ),
    Spec(
        "mart.model",
        "statistical model x currency",
        "model currency",
        """
        model             VARCHAR  bg_nbd (purchases) or gamma_gamma (spend)
        currency          VARCHAR  of the spends, empty for purchases
        customers         BIGINT dated  customers it was fitted on, those of averages
        is_fitted         BOOLEAN dated  whether there are parameters; predictions are null without
        reason            VARCHAR dated  why not, or what to know about the fit
        parameters        VARCHAR dated  JSON: r, alpha, a, b in weeks, or p, q, v, mean, correlation of frequency and spend
        log_likelihood    DOUBLE dated  at the parameters
    """,
    ),
    Spec(
        "gold.customer_traits",
        "active profile",
        "profile_id",
        """
        profile_id        VARCHAR  profile
        in_averages       BOOLEAN  neither test, staff nor reseller: averages, rates, segments and models take these profiles only
        currency          VARCHAR  currency of all money here: that of the orders in reporting currency, null when they mix
        clv_historic      DECIMAL(18,4)  net revenue of all orders; 0 without orders, null when currencies mix
        predicted_clv_12m  DECIMAL(18,4) dated  value of the orders expected in the next mart.basis.clv_months, discounted; null without a model
        predicted_orders_12m  DOUBLE dated  days with an order expected in the same time
        expected_order_value  DECIMAL(18,4) dated  net revenue expected of such a day
        p_alive           DOUBLE dated  probability to buy ever again (BG/NBD); null for those who never bought and without a model
        aov               DECIMAL(18,4)  (gross - discount) per order, before returns and cancellations
        orders_l30d       BIGINT dated  orders of the last 30 days
        orders_l3m        BIGINT dated  of the last 3 months
        orders_l12m       BIGINT dated  of the last 12 months
        orders_lifetime   BIGINT  all orders, test orders apart
        revenue_l30d      DECIMAL(18,4) dated  net revenue of the last 30 days
        revenue_l3m       DECIMAL(18,4) dated  of the last 3 months
        revenue_l12m      DECIMAL(18,4) dated  of the last 12 months
        first_order_at    TIMESTAMP  first order
        last_order_at     TIMESTAMP  last order
        recency_days      BIGINT dated  days from the last order up to the run; null without one
        tenure_days       BIGINT dated  days from the first order up to the run
        days_between_orders  DOUBLE  mean days from one order to the next, null below two
        is_early_repeat   BOOLEAN  the second order came within mart.basis.early_repeat_days; null without an order
        one_and_done      BOOLEAN  ordered exactly once; null without an order
        rfm_recency       INTEGER dated  decile 0 to 9 among buyers of the last 12 months, 9 the most recent; ties by profile_id
        rfm_frequency     INTEGER dated  decile of orders in those months
        rfm_monetary      INTEGER dated  decile of net revenue in those months, among buyers in one currency
        rfm               VARCHAR dated  the three as one text, 000 to 999
        lifecycle_status  VARCHAR dated  prospect (no order), new, active, lapsed or dormant, by the days in mart.basis; null where no order has a date
        first_touch_channel  VARCHAR  marketing channel of the first touch that may have brought the person
        last_touch_channel  VARCHAR  of the last one
        preferred_channel  VARCHAR  channel of most orders, then of most interactions
        open_rate         DOUBLE  campaigns sent and opened / delivered, null where no source tells of sends
        human_open_rate   DOUBLE  the same without machine opens, null where no source tells
        click_rate        DOUBLE  campaigns sent and clicked / delivered
        click_to_open_rate  DOUBLE  campaigns clicked / campaigns opened; above 1 where opens were not seen
        tickets_l12m      BIGINT dated  tickets of the last 12 months
        csat              DOUBLE  good / (good + bad) over rated tickets and answered surveys (4 or 5 of 5 is good); null without
        nps               INTEGER  latest answer, 0 to 10
        nps_class         VARCHAR  promoter (9, 10), passive (7, 8) or detractor (0 to 6)
        nps_at            TIMESTAMP  when it was given
    """,
    ),
    Spec(
        "gold.segment",
        "segment definition",
        "segment",
        """
        segment           VARCHAR  name
        description       VARCHAR  who is in it
        owner             VARCHAR  who answers for the definition
        status            VARCHAR  active, or withdrawn where the definition is gone and memberships are closed
        definition        VARCHAR  the SQL
        definition_hash   VARCHAR  SHA-256 of the SQL
        members           BIGINT dated  profiles in it now
    """,
    ),
    Spec(
        "gold.segment_membership",
        "profile x segment x stay",
        "profile_id segment entered_at",
        """
        profile_id        VARCHAR  profile
        segment           VARCHAR  segment
        entered_at        TIMESTAMP volatile  time of the run in which it came in
        exited_at         TIMESTAMP volatile  time of the run in which it was out again, null while it is in
    """,
    ),
    Spec(
        "mart.kpi",
        "KPI x currency",
        "kpi currency",
        """
        kpi               VARCHAR  name
        currency          VARCHAR  currency of a sum of money, else empty
        value             DECIMAL(18,6) dated  numerator / denominator, or the numerator where there is none; null where nothing can be said
        numerator         DECIMAL(18,4) dated  what is divided, or counted
        denominator       DECIMAL(18,4) dated  what it is divided by, null for totals
        unit              VARCHAR  people, orders, money, ratio, points …
        period            VARCHAR  lifetime, the last 12 months …
        is_average        BOOLEAN  leaves out test, staff and reseller profiles (gold.customer_traits.in_averages); totals do not
        as_of             TIMESTAMP volatile  the run's time
        definition        VARCHAR  how it is worked out
    """,
    ),
    Spec(
        "mart.kpi_daily",
        "day (UTC) x KPI x channel x currency",
        "day kpi channel currency",
        """
        day               DATE  day
        kpi               VARCHAR  orders, buyers, new_buyers, gross, discount, returned_or_cancelled, net_revenue, aov, sessions, conversion_rate, emails_sent, emails_bounced, email_opens, email_clicks, abandoned_checkouts, tickets, csat, nps
        channel           VARCHAR  channel of the order, visit, interaction or ticket; unknown where none is told. Buyers of several channels count in each
        currency          VARCHAR  currency of a sum of money, else empty
        value             DECIMAL(18,6)  numerator / denominator, or the numerator where there is none
        numerator         DECIMAL(18,4)  what is divided, or counted
        denominator       DECIMAL(18,4)  what it is divided by, null for totals
    """,
    ),
    Spec(
        "mart.cohort_retention",
        "month of the first order x months since",
        "cohort_month month_number",
        """
        cohort_month      DATE  first day of the month (UTC) in which these people first ordered
        month_number      INTEGER  months since, 0 is the month itself
        customers         BIGINT  people of the cohort, those of averages
        active            BIGINT  of them, who ordered in that month
        retention         DOUBLE  active / customers
        orders            BIGINT  their orders in that month
        is_complete       BOOLEAN dated  that month was over at the run
    """,
    ),
    Spec(
        "mart.cohort_revenue",
        "month of the first order x months since x currency",
        "cohort_month month_number currency",
        """
        cohort_month      DATE  first day of the month (UTC) in which these people first ordered
        month_number      INTEGER  months since, 0 is the month itself
        currency          VARCHAR  currency, empty where none is told
        net_revenue       DECIMAL(18,4)  net revenue of that month
        cumulative_revenue  DECIMAL(18,4)  and of all months up to it
        orders            BIGINT  orders of that month
    """,
    ),
    Spec(
        "mart.repeat_rate",
        "month of the first order x days",
        "cohort_month days",
        """
        cohort_month      DATE  first day of the month (UTC) in which these people first ordered
        days              INTEGER  30, 60, 84, 90, 180 or 365
        customers         BIGINT  people of the cohort, those of averages
        repeaters         BIGINT  of them, who ordered again within so many days of the first order
        repeat_rate       DOUBLE  repeaters / customers
        is_complete       BOOLEAN dated  the whole cohort had so many days by the run; an incomplete rate will still rise
    """,
    ),
    Spec(
        "mart.conversion_by_channel",
        "month x marketing channel",
        "month channel",
        """
        month             DATE  first day of the month (UTC) in which the visits began
        channel           VARCHAR  marketing channel of the visit
        sessions          BIGINT  visits
        converted_sessions  BIGINT  visits in which an order was placed or a conversion reported
        conversion_rate   DOUBLE  converted_sessions / sessions
        people            BIGINT  distinct profiles among the visits, those of averages
        converted_people  BIGINT  of them, with a converted visit of that channel and month
        people_conversion_rate  DOUBLE  converted_people / people
    """,
    ),
    Spec(
        "mart.attribution_credit",
        "conversion x touch x model",
        "conversion_id touchpoint_id model",
        """
        conversion_id     VARCHAR  touchpoint of the order
        touchpoint_id     VARCHAR  touch that is credited; the order itself, as channel direct, where none came before it
        model             VARCHAR  first, last, last_non_direct, linear, position or time_decay
        profile_id        VARCHAR  profile
        channel           VARCHAR  marketing channel of the touch
        campaign          VARCHAR  its campaign
        touched_at        TIMESTAMP  when
        converted_at      TIMESTAMP  time of the order
        position          BIGINT  place of the touch in the path, from 1
        touches           BIGINT  touches of the path
        credit            DECIMAL(9,6)  share of the conversion; the credits of a conversion and model sum to 1
        value             DECIMAL(18,4)  share of the order's net revenue; the values sum to it
        currency          VARCHAR  currency of value, empty where none is told
    """,
    ),
    Spec(
        "mart.attribution_path",
        "path of channels x currency",
        "path currency",
        """
        path              VARCHAR  marketing channels in order, joined by ` > `, the same one after another once
        currency          VARCHAR  currency of the conversions' value, empty where none is told and for journeys without
        conversions       BIGINT  conversions at its end
        value             DECIMAL(18,4)  their net revenue
        losses            BIGINT  journeys of this path that ended without a conversion
    """,
    ),
    Spec(
        "mart.attribution_joint",
        "model of all paths together x channel x currency",
        "model channel currency",
        """
        model             VARCHAR  markov or shapley
        channel           VARCHAR  marketing channel
        currency          VARCHAR  currency
        share             DOUBLE  of the conversions in that currency; markov: removal effect over the sum of all channels'
        conversions       DECIMAL(18,6)  credited; all channels together are the conversions
        value             DECIMAL(18,4)  net revenue credited; all channels together are the net revenue
    """,
    ),
    Spec(
        "mart.attribution_channel",
        "model x channel x currency",
        "model channel currency",
        """
        model             VARCHAR  first, last, last_non_direct, linear, position, time_decay, markov or shapley
        channel           VARCHAR  marketing channel
        currency          VARCHAR  currency
        conversions       DECIMAL(18,6)  credited; all channels of a model together are the conversions
        value             DECIMAL(18,4)  net revenue credited; all channels of a model together are the net revenue
        share             DOUBLE  of the conversions in that currency
    """,
    ),
    Spec(
        "mart.changes_since_last",
        "profile x what changed since the last published generation",
        "profile_id kind change",
        """
        profile_id        VARCHAR  profile
        kind              VARCHAR  event (of its id), field (of its data) or time (what moves with the day: lifecycle, segments)
        change            VARCHAR  created, merged_into, split_from, retired, reinstated, erased; a column of gold.customer_360; lifecycle_status; segment:NAME
        before            VARCHAR personal  value before, or the profile it was before
        after             VARCHAR personal  value now, or the profile it is now
    """,
    ),
)

PRIVACY = (
    Spec(
        "privacy.request",
        "request of a person about his data",
        "request_id",
        """
        request_id        VARCHAR  number of the request
        type              VARCHAR  access, erase, rectify, object or restrict
        strategy          VARCHAR  exact (the record or identifier named) or connected (its whole profile)
        status            VARCHAR  open, running, done or withdrawn
        profile_id        VARCHAR  profile it is about, null where it was none
        scope             VARCHAR  channels of an objection, field groups of a correction
        requested_by      VARCHAR  who brought it
        requested_at      TIMESTAMP volatile  when
        due_at            TIMESTAMP volatile  a month later
        done_at           TIMESTAMP volatile  when it was carried out
        keys              VARCHAR[] volatile  keyed hashes of the identifiers it is about
    """,
    ),
    Spec(
        "privacy.action_log",
        "action of a request on a table",
        "request_id place table_name action",
        """
        request_id        VARCHAR  request
        place             VARCHAR  file below the state folder, path of an export, or generation on the server
        table_name        VARCHAR  table, empty for a whole file
        action            VARCHAR  removed, changed, blanked, unlinked, redacted, replaced or deleted
        rows              BIGINT  rows of it, or files
        at                TIMESTAMP volatile  when
    """,
    ),
    Spec(
        "privacy.tombstone",
        "keyed hash that stops an erased person from being made again",
        "kind digest",
        """
        kind              VARCHAR  record, order, row, value or a type of identifier
        digest            VARCHAR volatile  keyed hash
        request_id        VARCHAR  erasure
        since             TIMESTAMP volatile  when
        place             VARCHAR  of a row of somebody else: the landed row that stands for it without the words
    """,
    ),
)

OPS = (
    Spec(
        "ops.quality_result",
        "expectation of a run",
        "suite expectation subject",
        """
        run_id            VARCHAR volatile  run
        suite             VARCHAR  suite
        expectation       VARCHAR  expectation type or check name
        subject           VARCHAR  table and column it is about
        severity          VARCHAR  critical, warning or info
        success           BOOLEAN  held
        observed          VARCHAR  what was seen, no personal value
        expected          VARCHAR  what was expected
        failed_rows       BIGINT  rows that failed, where counted
        message           VARCHAR  in words, with what to do
    """,
    ),
    Spec(
        "ops.run_metric",
        "figure of a run",
        "stage name label",
        """
        run_id            VARCHAR volatile  run
        stage             VARCHAR  stage
        name              VARCHAR  figure
        label             VARCHAR  what it is broken down by, else empty
        value             DOUBLE volatile  value
        previous          DOUBLE volatile  value in the last published run
        threshold         DOUBLE  limit that holds the run, where there is one
    """,
    ),
    Spec(
        "ops.run",
        "published run",
        "run_number",
        """
        run_number        BIGINT  generation, 1 is the first
        run_id            VARCHAR volatile  run
        as_of             TIMESTAMP volatile  the run's time
        published_at      TIMESTAMP volatile  when the generation was built
        verdict           VARCHAR  published, published_with_warnings, released or rolled_back
        decided_by        VARCHAR  who released a held run or rolled back, else null
        reason            VARCHAR personal  why, in that person's words, else null
        rolled_back_to    BIGINT  generation whose tables these are again, after a rollback
        config_hash       VARCHAR  of the settings that can change a result
        model_version     VARCHAR  of the matching model
        input_hash        VARCHAR  of the set of landed files
        program_version   VARCHAR  version of identity
        schema_version    INTEGER  version of these tables
    """,
    ),
)

TABLES = (*RAW, *STD, *MATCH, *IDENTITY, *STEWARD, *GOLD, *JOURNEY, *MEASURES, *PRIVACY, *OPS)
