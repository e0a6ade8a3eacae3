"""The configuration of one small source of people, which most stories need and few are about."""

CONTACTS = 'email = "mail"\nphone = "phone"\n'
OPEN_GATE = "[gate]\nmax_changed_ids = 1.0\nmax_profile_count_change = 9.0\nmax_fill_rate_change = 1.0\n"
"""Lets a run publish whatever it moves."""


def people_config(top: str = "", *, source: str = "", contacts: str = CONTACTS) -> str:
    """`identity.toml` for `in/people*.csv` with columns id, first, last, mail and phone.

    `top` are settings of the run, `source` of the source, `contacts` the fields beside the name.
    """
    return (
        f'region = "US"\nthreads = 1\nmemory_limit = "1GB"\n{top}\n'
        f'[[sources]]\nname = "people"\nfiles = "in/people*.csv"\nrecord_id = "id"\n{source}\n'
        f'[sources.fields]\ngiven_name = "first"\nfamily_name = "last"\n{contacts}'
    )
