"""Rows of files on both databases: told apart, taken back with their change, and named to the sweep while they exist."""

from dataclasses import replace

from domain.files import FileId, FileKind, KeptFile
from domain.ports import PRESENT, ChangeId, Subject
from tests.support.opened import NINE, Opened

KEPT = KeptFile(
    kind=FileKind.PHOTO,
    name="\u540d\u7247.jpg",
    mime="image/jpeg",
    size=2_400_000,
    sha256="a" * 64,
    kept_as="1" * 32,
    platform="telegram",
    ref="AgACAgIAAx",
)


def test_a_file_is_read_back_as_it_was_added(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member, "evidence") as store:
        first = store.add_file(member, KEPT, "", NINE)
        second = store.add_file(
            member, replace(KEPT, kept_as="2" * 32, kind=FileKind.DOCUMENT), "Li Wei", NINE
        )
    with books.store(org) as store:
        found = store.file(first)
        assert found is not None
        assert (found.id, found.member_id, found.at, found.forwarded_from) == (first, member, NINE, "")
        assert {name: getattr(found, name) for name in KeptFile.__slots__} == {
            name: getattr(KEPT, name) for name in KeptFile.__slots__
        }
        # In the order asked for, without what is not there.
        assert [each.id for each in store.files_of([second, FileId(99), first])] == [second, first]
        assert store.files_of([]) == ()
        assert store.files_of([second])[0].forwarded_from == "Li Wei"


def test_undoing_a_change_takes_its_files_back_and_their_bytes_stay_named(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member, "evidence") as store:
        number = store.add_file(member, KEPT, "", NINE)
    change = ChangeId(books.changes)
    with books.turn(org, member, "undo") as store:
        facts = store.facts(change)
        assert [(each.subject, each.subject_id, each.field) for each in facts] == [
            (Subject.FILE, number, PRESENT)
        ]
        store.undoing(change)
        store.take_back(change, facts, NINE)
    with books.store(org) as store:
        assert store.file(number) is None
    with books.work() as work:
        assert work.named_files(["1" * 32, "3" * 32]) == {"1" * 32}
        assert work.named_files([]) == frozenset()


def test_the_sweep_sees_the_names_of_all_organisations(books: Opened) -> None:
    for digit in "45":
        org, _, member = books.found()
        with books.turn(org, member, "evidence") as store:
            store.add_file(member, replace(KEPT, kept_as=digit * 32), "", NINE)
        books.changes = 0
    with books.work() as work:
        assert work.named_files(["4" * 32, "5" * 32, "6" * 32]) == {"4" * 32, "5" * 32}
