"""The store of one organisation: every repository over one session; it never commits."""

from storage.changes import Changes
from storage.customers import Customers
from storage.day import Day
from storage.deals import Deals
from storage.files import StoredFiles
from storage.footprint import Footprints
from storage.gathered import Gathered
from storage.letters import Letters
from storage.people import People


class SqlStore(People, Customers, Day, Deals, Changes, Letters, Gathered, Footprints, StoredFiles):
    """Implements `domain.ports.Store` on both databases."""
