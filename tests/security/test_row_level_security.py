"""The second wall, as the database has it: no table of accounts without its policy, no way around it for the
application's role but the few questions that belong to no account yet."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from trustwright.db import APPLICATION_ROLE

POLICY = "(account_id = (current_setting('trustwright.account_id'::text))::bigint)"

# Functions that look across accounts, since it is not known yet whose the request is, or since a job asks once for all.
# Most answer with ids alone, or to whoever presents a secret of 256 bits.
ACROSS = {
    "authenticate": "whose is this key?",
    "signed_in": "whose is this session?",
    "users_to_sign_in": "which users have this address? Their passwords are asked next",
    "user_of_sign_in_token": "whose is this link in a mail?",
    "providers_of_domain": "which accounts sign in by a provider for this domain?",
    "questionnaire_of_token": "whose is this link to a questionnaire?",
    "envelope_of_token": "whose is this link to an agreement?",
    "account_of_envelope": "whose is the envelope that a provider of signatures names?",
    "grant_of_link": "whose is this link to documents?",
    "grant_of_session": "whose is this visitor's session?",
    "trust_center_of_slug": "whose is this public page?",
    "trust_center_of_domain": "whose is the public page of this host?",
    "indexed_trust_centers": "which public pages may search engines list?",
    "account_of_key": "whose is the key that the command line names?",
    "account_of_mail": "whose is the mail that the command line names?",
    "all_accounts": "for which accounts does a job run?",
    "accounts_with_forgotten_mail": "for which accounts does a job run?",
    "accounts_with_forgotten_deliveries": "for which accounts does a job run?",
    "accounts_with_untold_updates": "for which accounts does a job run?",
    "changed_resources": "for which accounts does a job run?",
    "due_monitors": "for which accounts does a job run?",
    "lost_runs": "for which accounts does a job run?",
    "waiting_deliveries": "how much waits in all accounts together?",
    "link_event": "a trigger, which links an event that the policy has let in to the last one of its own account",
}


@pytest.fixture
def catalog(database_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(database_url) as connection:
        yield connection


def test_every_table_of_accounts_has_the_policy(catalog: psycopg.Connection[tuple[Any, ...]]) -> None:
    found = catalog.execute(
        """
        select c.relname, c.relrowsecurity, array(
            select concat(p.polcmd, ' ', p.polpermissive, ' ', pg_get_expr(p.polqual, p.polrelid), ' ',
                pg_get_expr(p.polwithcheck, p.polrelid)) from pg_policy p where p.polrelid = c.oid)
        from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and exists (
            select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped)
        """
    ).fetchall()

    assert len(found) > 60
    assert [name for name, is_on, policies in found if not is_on or policies != [f"* t {POLICY} "]] == []


def test_no_view_shows_tables_in_the_name_of_their_owner(catalog: psycopg.Connection[tuple[Any, ...]]) -> None:
    views = catalog.execute(
        """
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
            and not coalesce(reloptions @> array['security_invoker=true'], false)
        """
    ).fetchall()

    assert views == []


def test_the_role_of_the_application_can_neither_own_nor_bypass(catalog: psycopg.Connection[tuple[Any, ...]]) -> None:
    roles = catalog.execute(
        """
        select rolname from pg_roles
        where (rolname = %(role)s or pg_has_role(%(role)s, oid, 'usage'))
            and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
        """,
        {"role": APPLICATION_ROLE},
    ).fetchall()
    owned = catalog.execute(
        "select relname from pg_class where pg_has_role(%(role)s, relowner, 'usage')", {"role": APPLICATION_ROLE}
    ).fetchall()

    assert roles == []
    assert owned == []


def test_a_function_that_goes_around_it_keeps_to_the_account_or_is_known(
    catalog: psycopg.Connection[tuple[Any, ...]],
) -> None:
    found = catalog.execute(
        """
        select proname, prosrc, coalesce(proconfig @> array['search_path=public, pg_temp'], false) from pg_proc
        where pronamespace = 'public'::regnamespace and prosecdef
        """
    ).fetchall()

    # In a text that the function executes quotes are doubled.
    own = "account_id = current_setting('trustwright.account_id')::bigint"
    keeping = {name for name, text, _ in found if own in text.replace("''", "'")}
    assert {name for name, _, _ in found} - keeping == set(ACROSS)
    # Otherwise tables of whoever calls could take the place of ours.
    assert [name for name, _, has_own_path in found if not has_own_path] == []
