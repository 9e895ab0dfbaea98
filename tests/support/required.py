"""What a test needs from the machine: without it the test is skipped, unless the run insists on it."""

import os
from typing import Literal, NoReturn, get_args, overload

import pytest

Need = Literal["postgres", "browser", "node", "tg_auto_test"]

INSISTS = "DEALPACE_REQUIRE"


@overload
def require(need: Need, missing: str) -> NoReturn: ...
@overload
def require(need: Need, missing: None) -> None: ...
def require(need: Need, missing: str | None) -> None:
    """Pass when nothing is `missing`, else skip for that reason, or fail if DEALPACE_REQUIRE names the need.

    May be called in a test, in a fixture or at the top of a test module.
    """
    __tracebackhide__ = True  # The report shows the caller, not this line.
    insisted = {name.strip() for name in os.environ.get(INSISTS, "").split(",")} - {""}
    if unknown := insisted - set(get_args(Need)):
        # A misspelt need would quietly turn a gate of the CI into a skip.
        pytest.fail(f"{INSISTS} names {sorted(unknown)}, known are {sorted(get_args(Need))}", pytrace=False)
    if missing is None:
        return
    if need in insisted:
        pytest.fail(f"{INSISTS} insists on {need}: {missing}", pytrace=False)
    pytest.skip(f"{need}: {missing}", allow_module_level=True)
