"""The audit trail: written with the deed, never changed, and a break in it is found and named."""

from __future__ import annotations

import datetime as dt
import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.models import AuditEntry, AuditSeal, User
from staffing.models import Person
from staffing.personnel.identity import check_digit
from tests import common_builders as build
from tests import pay_builders

BY = Actor.command("test")
committing = pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)


def leave(number: int, name: str = "甲") -> AuditEntry:
    """A deed with its entry, committed on its own."""
    with transaction.atomic():
        user = User.objects.create(username=f"u{number}", last_name=name)
        return audit.record("add_user", user, by=BY, after={"name": name, "number": number})


def execute(statement: str, params=()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def verified() -> str:
    out = io.StringIO()
    call_command("audit_verify", stdout=out)
    return out.getvalue()


def tampered(statement: str, params=()) -> None:
    """As the owner of the tables, who can switch the guards off."""
    with transaction.atomic():
        for table in ("common_auditentry", "common_auditseal"):
            execute(f"alter table {table} disable trigger user")
        execute("set constraints all immediate")
        execute(statement, params)
        for table in ("common_auditentry", "common_auditseal"):
            execute(f"alter table {table} enable trigger user")


# --- with the deed -----------------------------------------------------------------------------


@committing
def test_an_entry_is_gone_with_the_deed_that_was_rolled_back():
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record("add_user", User.objects.create(username="u"), by=BY)
        assert AuditEntry.objects.count() == 1
        raise RuntimeError
    assert (AuditEntry.objects.count(), AuditSeal.objects.count()) == (0, 0)
    assert "0" in verified()


@committing
def test_an_entry_outside_a_transaction_is_refused():
    user = User.objects.create(username="u")
    with pytest.raises(transaction.TransactionManagementError):
        audit.record("add_user", user, by=BY)
    with pytest.raises(transaction.TransactionManagementError):
        audit.record_many([audit.entry("add_user", user, by=BY)])
    assert not AuditEntry.objects.exists()


@committing
def test_an_inner_deed_that_came_to_nothing_leaves_no_entry():
    with transaction.atomic():
        audit.record("add_user", User.objects.create(username="kept"), by=BY)
        with pytest.raises(RuntimeError), transaction.atomic():
            audit.record("add_user", User.objects.create(username="gone"), by=BY)
            raise RuntimeError
    assert [entry.label for entry in AuditEntry.objects.all()] == ["kept"]
    assert "1" in verified()


@committing
def test_a_deed_in_parts_writes_its_entries_at_the_end():
    with transaction.atomic(), audit.gathered() as kept:
        audit.record("add_user", User.objects.create(username="u"), by=BY)
        assert len(kept) == 1
        assert not AuditEntry.objects.exists()
    assert AuditEntry.objects.get().label == "u"
    with pytest.raises(RuntimeError), transaction.atomic(), audit.gathered():
        audit.record("add_user", User.objects.create(username="v"), by=BY)
        raise RuntimeError
    assert AuditEntry.objects.count() == 1


@committing
def test_who_what_and_from_where_are_kept():
    clerk = User.objects.create(username="clerk")
    with transaction.atomic():
        audit.record(
            "rename",
            clerk,
            by=Actor(clerk, "page", "10.0.0.7"),
            before={"n": 1, "m": 2},
            after={"n": 1, "m": 3},
            reason="更正",
        )
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.door, entry.address, entry.verb) == (clerk, "page", "10.0.0.7", "rename")
    assert (entry.noun, entry.key, entry.reason) == ("common.user", str(clerk.pk), "更正")
    assert (entry.before, entry.after) == ({"m": 2}, {"m": 3}), "what did not change is left out"


# --- never changed -----------------------------------------------------------------------------


@committing
@pytest.mark.parametrize(
    "statement",
    [
        "update common_auditentry set reason = 'x'",
        "update common_auditentry set at = at",
        "delete from common_auditentry",
        "update common_auditseal set hash = 'x'",
        "delete from common_auditseal",
        "delete from common_auditseal; delete from common_auditentry",
    ],
)
def test_raw_sql_cannot_change_the_trail(statement):
    leave(1)
    with pytest.raises(IntegrityError, match="操作记录不能修改或删除"):
        execute(statement)
    assert "1" in verified()


@committing
def test_a_seal_cannot_be_made_up():
    leave(1)
    with transaction.atomic():
        entry = audit.record("x", User.objects.get(), by=BY)
        with pytest.raises(DatabaseError), transaction.atomic():
            execute("insert into common_auditseal (position, entry_id, hash) values (1, %s, 'x')", [entry.pk])


# --- the chain ---------------------------------------------------------------------------------


@committing
def test_the_chain_says_how_long_it_is_and_where_it_ends():
    for number in range(5):
        leave(number)
    assert AuditSeal.objects.order_by("position").last().hash in verified()
    assert list(AuditSeal.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4, 5]


CHANGES = [
    "reason = 'x'",
    "at = at + interval '1 microsecond'",
    "verb = 'other'",
    "label = label || ' '",
    'after = \'{"name": "甲", "number": 8}\'',
    "after = null",
    # What stood in one column, in its neighbour: the text of the row is the same, the row is not.
    "before = after, after = null",
    "key = '', label = key || label",
    "address = address || e'\\x1f' || verb, verb = ''",
    "user_id = (select min(id) from common_user)",
]


@committing
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_entry_is_found_and_named(change):
    entries = [leave(number) for number in range(4)]
    tampered(f"update common_auditentry set {change} where id = %s", [entries[1].pk])
    with pytest.raises(CommandError) as said:
        verified()
    assert "第 2 位" in str(said.value)
    assert str(entries[1].pk) in str(said.value)
    assert "entry changed" in str(said.value)


@committing
def test_a_removed_entry_is_found():
    entries = [leave(number) for number in range(4)]
    # As the tables' owner may: the foreign key taken off, the guard silenced, both put back.
    key = "common_auditseal_kept_entry"
    tampered(
        "do $$ declare name text; begin "
        "select conname into name from pg_constraint where conrelid = 'common_auditseal'::regclass and contype = 'f'; "
        "execute format('alter table common_auditseal drop constraint %%I', name); end $$; "
        f"delete from common_auditentry where id = {entries[2].pk}"
    )
    try:
        with pytest.raises(CommandError, match="entry missing") as said:
            verified()
        assert "第 3 位" in str(said.value)
    finally:
        tampered(
            f"delete from common_auditseal where entry_id = {entries[2].pk}; "
            f"alter table common_auditseal add constraint {key} foreign key (entry_id) "
            "references common_auditentry (id) deferrable initially deferred"
        )


@committing
def test_an_entry_removed_with_its_seal_is_found():
    entries = [leave(number) for number in range(4)]
    tampered(
        f"delete from common_auditseal where entry_id = {entries[1].pk}; "
        f"delete from common_auditentry where id = {entries[1].pk}"
    )
    with pytest.raises(CommandError, match="seal missing") as said:
        verified()
    assert "第 2 位" in str(said.value)


@committing
def test_a_removed_seal_is_found():
    entries = [leave(number) for number in range(4)]
    tampered(f"delete from common_auditseal where entry_id = {entries[1].pk}")
    with pytest.raises(CommandError, match="seal missing"):
        verified()


@committing
def test_the_last_seal_missing_is_found_by_its_entry():
    entries = [leave(number) for number in range(3)]
    tampered(f"delete from common_auditseal where entry_id = {entries[2].pk}")
    with pytest.raises(CommandError, match="entry not sealed") as said:
        verified()
    assert str(entries[2].pk) in str(said.value)


@committing
def test_a_closed_up_gap_is_found():
    """Removing a link and numbering the rest anew does not help: each seal holds the one before."""
    entries = [leave(number) for number in range(4)]
    tampered(
        f"delete from common_auditseal where entry_id = {entries[1].pk}; "
        f"delete from common_auditentry where id = {entries[1].pk}; "
        "update common_auditseal set position = position - 1 where position > 2"
    )
    with pytest.raises(CommandError, match="entry changed") as said:
        verified()
    assert "第 2 位" in str(said.value)


@committing
def test_two_entries_swapped_are_found():
    leave(1), leave(2)
    tampered(
        "update common_auditseal set position = 3 - position + 10; update common_auditseal set position = position - 10"
    )
    with pytest.raises(CommandError, match="entry changed"):
        verified()


# --- many at once ------------------------------------------------------------------------------


@committing
def test_eight_writers_make_one_chain():
    """Some check their rules early, and so are sealed before their COMMIT; some change their minds."""

    def work(writer: int) -> None:
        try:
            for turn in range(12):
                with transaction.atomic():
                    user = User.objects.create(username=f"w{writer}-{turn}")
                    audit.record("add_user", user, by=BY)
                    if turn % 3 == 0:
                        with hold_rules():
                            audit.record("touch_user", user, by=BY)
                    if turn % 4 == 3:
                        transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert AuditEntry.objects.count() == 8 * (9 + 3)
    assert AuditSeal.objects.count() == AuditEntry.objects.count()
    assert str(AuditEntry.objects.count()) in verified()


@committing
def test_a_batch_is_one_chain_too():
    with transaction.atomic():
        users = [User.objects.create(username=f"u{number}") for number in range(30)]
        audit.record_many(audit.entry("add_user", user, by=BY) for user in users)
    assert "30" in verified()


# --- papers ------------------------------------------------------------------------------------


@pytest.fixture
def person(db) -> Person:
    number = "99000019850505101"
    made = pay_builders.person("T1", pay_builders.zone())
    made.national_id, made.phone = number + check_digit(number), "13912345678"
    made.save()
    return made


def told(person: Person) -> str:
    return json.dumps(audit.facts(person), default=str, ensure_ascii=False)


def test_papers_are_in_no_entry(person):
    text = told(person)
    for secret in (person.national_id, person.phone, person.national_id_digest, "1985-05-05"):
        assert secret not in text
    assert person.name in text


def test_that_papers_changed_is_said_and_what_to_is_not(person):
    before = audit.facts(person)
    person.phone, person.birth_date = "13987654321", dt.date(1986, 6, 6)
    entry = audit.entry("correct_person", person, by=BY, before=before, after=audit.facts(person))
    assert set(entry.before) == set(entry.after) == {"phone", "birth_date"}
    assert "139" not in json.dumps(entry.after)
    assert "1986" not in json.dumps(entry.after)


def test_papers_that_are_not_there_are_said_to_be_missing(person):
    person.phone = ""
    assert audit.facts(person)["phone"] == ""


@pytest.mark.django_db
def test_passwords_are_in_no_entry():
    user = User.objects.create_user("u", password="correct horse battery")
    assert user.password not in json.dumps(audit.facts(user), default=str)
