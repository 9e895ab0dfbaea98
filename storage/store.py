"""The store of one organisation: every repository over one session; it never commits."""

from storage.alerts import Alerts
from storage.approvals import Approvals
from storage.boards import Boards
from storage.changes import Changes
from storage.customers import Customers
from storage.day import Day
from storage.deal_lists import DealLists
from storage.deal_people import DealPeople
from storage.dossiers import Dossiers
from storage.evidence import Proven
from storage.files import StoredFiles
from storage.footprint import Footprints
from storage.funnels import Funnels
from storage.gathered import Gathered
from storage.kpi_sets import KpiSets
from storage.letters import Letters
from storage.news import NewsRows
from storage.people import People
from storage.results import Results
from storage.rollups import Rollups
from storage.samples import Samples
from storage.scorecards import Scorecards
from storage.stalled import Stalled
from storage.targets import Targets
from storage.upkeep import OwnUpkeep


class SqlStore(
    People,
    Customers,
    Day,
    Dossiers,
    DealLists,
    DealPeople,
    Proven,
    Approvals,
    Stalled,
    Alerts,
    Changes,
    Letters,
    Gathered,
    Footprints,
    StoredFiles,
    Scorecards,
    Rollups,
    Results,
    KpiSets,
    Targets,
    Samples,
    Funnels,
    Boards,
    OwnUpkeep,
    NewsRows,
):
    """Implements `domain.ports.Store` on both databases."""
