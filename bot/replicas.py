"""What one process alone and a replica among many differ in: the way to the database, the roles, the jobs."""

from bot.app import upgrade as upgrade_tables
from bot.clock import Clock
from bot.jobs.alone import Alone
from bot.jobs.port import Jobs, Roles
from bot.settings import Misconfigured, Settings


def shared_by(settings: Settings) -> tuple[str, Roles, Jobs]:
    """The address of the database, the roles and the jobs: of one process alone, or of a replica among many."""
    if settings.replicas == "one":
        from bot.jobs.local import LocalJobs

        return settings.database_url, Alone(), LocalJobs()
    from bot.jobs.elected import Elected
    from bot.jobs.replicas import ReplicaJobs

    database_url = _with_queue(settings)
    roles = Elected(database_url)
    return database_url, roles, ReplicaJobs(database_url, roles)


def upgrade(settings: Settings, clock: Clock) -> None:
    """Brings the database, and with many replicas the tables of their queue, to what this version needs."""
    upgrade_tables(settings.database_url, clock)
    if settings.replicas == "many":
        _with_queue(settings)


def _with_queue(settings: Settings) -> str:
    """The address of the database, with the queue of the jobs in it. Raises `Misconfigured`."""
    if settings.cannot_replicate:
        raise Misconfigured(
            "DEALPACE_REPLICAS=many needs PostgreSQL: set DEALPACE_DATABASE_URL=postgresql://..., or one"
        )
    from bot.jobs.elected import lasting
    from bot.jobs.queue import prepare

    database_url = lasting(settings.database_url)
    prepare(database_url)
    return database_url
