"""Public holidays of a region with its moved working days, from the `holidays` library, as plain days."""

from datetime import date

from domain.workdays import Holiday


def public_holidays(region: str, first: int, last: int) -> list[Holiday]:
    """The days of these years, by date: what a country rests on, and weekends it works to make up for it."""
    # Only an installation where somebody chose a region loads it.
    from holidays import country_holidays

    country, _, part = region.partition("-")
    years = range(first, last + 1)
    found = country_holidays(country, subdiv=part or None, years=years)
    days = {on: Holiday(on=on, works=False, name=name) for on, name in found.items()}
    worked: set[date] = getattr(found, "weekend_workdays", set())
    days |= {on: Holiday(on=on, works=True) for on in worked if on.year in years}
    return [days[on] for on in sorted(days)]
