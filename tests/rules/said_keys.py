"""Which texts the code says: plain keys where they stand, and each made-up key with the values it can take."""

import ast
import re
from collections.abc import Iterable, Iterator

from bot.telegram import updates as telegram_updates
from domain.activity import Credit, Kind, Lack
from domain.bids import Decision as BidDecision
from domain.bids import Verdict
from domain.c139 import Item, Strategy, Zone
from domain.choices import NewCustomer
from domain.contests import Between, Count
from domain.corrections import PlanState
from domain.customers import BuyerType
from domain.deals import CLOSED, BuyingRole, Decision, EvidenceKind, HoldReason, LostReason, Part, State
from domain.expenses import Alert
from domain.fit import Warmth
from domain.forecast import Category
from domain.gates import Caution
from domain.kpis import CATALOGUE, Kpi, Measure, Side
from domain.kpis import Comes as ComesFrom
from domain.kpis import Unit as KpiUnit
from domain.milestones import DELIVERY, DELIVERY_TASKS, PROJECT, Flaw, Phase, Tool
from domain.milestones import FIRST as FIRST_MILESTONE
from domain.people import Language, Profile, Role
from domain.quota import HABITS, METRICS, PLANNABLE, DayState, Period, SetBy
from domain.quota import Source as Comes
from domain.results import Origin
from domain.samples import Upheld
from domain.samples import Verdict as SampleVerdict
from domain.satisfaction import Answer
from domain.scorecard import Why
from domain.snapshots import Change
from domain.stalled import Signal, SizeClass
from domain.targets import Method
from handlers.alerting import ANSWERS
from handlers.answer import FORM_FROM
from handlers.args import part_specs
from handlers.bidding import ASKED, NO, YES
from handlers.claiming import Verdict as ClaimVerdict
from handlers.collecting import Way
from handlers.commands.setup import WEEKS
from handlers.laddering import LISTS, NUMBERS
from handlers.merging import MOVED
from handlers.muting import MUTABLE, OWN_REASON
from handlers.muting import SPANS as MUTED_FOR
from handlers.pieces.close import ADD
from handlers.pieces.dealmore import CLOSED_MORE, OPEN_MORE, WON_MORE
from handlers.pieces.differences import COUNTED
from handlers.pieces.kpis import ROLES as KPI_ROLES
from handlers.pieces.ladder import View
from handlers.pieces.reach import STANCE_CODES
from handlers.pieces.record import RECORDED_BY
from handlers.pieces.target import SAID as TARGET_DOUBTS
from handlers.pieces.ways import FIRST
from handlers.reactions.tell_owner import TOLD
from handlers.registry import registry
from handlers.reporting import TAPS
from handlers.tooling import HINTED
from handlers.words import catalogue
from tests.rules.sources import Source, imports, sources

COMMANDS = tuple(registry().commands)
# Kinds that a command records; e-mails come from elsewhere.
RECORDED = tuple(RECORDED_BY)
COUNTED_DAILY = tuple(row.metric for row in METRICS.values() if row.scored and row.source is Comes.ACTIVITY)
TICKS = tuple(
    row.metric for row in HABITS if row.source is Comes.TICK and row.period in (Period.DAY, Period.WEEK)
)
PARTS = tuple({spec.key for name in COMMANDS for spec in part_specs(name, registry().commands[name].args)})
# What a part can be, where it is one of a few and a form names them.
OPTIONS = tuple(
    {key for each in registry().commands.values() for spec in each.parts for key, _ in spec.options}
)
# A leading word needs a label only where a form asks for it.
LABELLED = tuple(
    {
        spec.key
        for each in registry().commands.values()
        for spec in each.parts
        if not spec.leads or len(each.parts) >= FORM_FROM
    }
)
# Commands with something to undo: they offer it themselves, or record by `handlers.recording`.
CHANGING = tuple(
    file.stem
    for file in sources("handlers/commands")
    if {name for name, _ in imports(file)}
    & {
        "handlers.pieces.undo_button.undo_button",
        "handlers.recording.undo_button",
        "handlers.recording.record",
        "handlers.gating.forward",
        "handlers.pieces.held.held_card",
        "handlers.checking.rated",
        "handlers.tooling.worked",
        "handlers.bidding.bid_card",
        "handlers.tasking.tasks_card",
        "handlers.spending.spent",
        "handlers.collecting.kept",
        "handlers.asking.rated",
        "handlers.deciding.accept",
        "handlers.pieces.contact.contact_card",
        "handlers.handing.handed",
        "handlers.disputing.accept",
        "handlers.reporting.write_line",
        "handlers.plans.planned",
    }
)
# What the ladder that ships asks for.
NEEDS = tuple(
    {each.code for stage in PROJECT.stages for each in (*stage.tasks, *stage.evidence, *stage.info)}
    | set(DELIVERY_TASKS)
)
SWITCH = ("on", "off")
SPANS = ("week", "month")
CORRECTIONS = [each for each in Why if each is not Why.CLOSED]
SETTINGS = ("zone", "morning", "nudge", "profile", "digest", "pause", "pushes")
UNCOUNTED = (Credit.THIN, Credit.DUPLICATE, Credit.DAY_LIMIT, Credit.WEEK_CLOSED)

# A hole of a made-up key is written {}; every value that can stand in it has a text.
MADE_UP: dict[str, Iterable[str]] = {
    "{}.ask": PARTS,
    "kinds.{}": MUTABLE,
    "kinds.why_{}": (*OWN_REASON, "told"),
    "mute.{}_button": MUTED_FOR,
    "snooze.{}_button": ("15", "60", "tomorrow"),
    "{}.label": LABELLED,
    "{}.undone": CHANGING,
    "{}.command.example": COMMANDS,
    "{}.command.summary": COMMANDS,
    "{}.command.word": COMMANDS,
    "button.{}": FIRST,
    "advance.{}": ("unproven", "override"),
    "approve.{}": [each for each in Decision if each is not Decision.OPEN],
    "approve.{}_at": (Decision.ACCEPTED, Decision.RETURNED),
    "approve.{}_on": (Decision.ACCEPTED, Decision.RETURNED),
    "approve.{}_what": ("return", "ask", "answer"),
    "buying.{}": BuyingRole,
    "caution.{}": Caution,
    "close.add_{}": {command[1:] for command in ADD.values()},
    "credit.{}": UNCOUNTED,
    "dayplan.all_{}": Role,
    "dayplan.by_{}": (SetBy.ROLE, SetBy.OWN),
    "dayplan.per_{}": {METRICS[metric].period for metric in PLANNABLE},
    "dayplan.profile_{}": Profile,
    "deal.ended_{}": CLOSED,
    "deal.{}_button": (*OPEN_MORE, *CLOSED_MORE, *WON_MORE),
    "evidence.kind_{}": EvidenceKind,
    "kind.{}": Kind,
    "lack.{}": Lack,
    "language.chosen_{}": Language,
    "language.own_{}": Language,
    "metric.{}.bar": COUNTED_DAILY,
    "metric.{}.button": TICKS,
    "metric.{}.left": COUNTED_DAILY,
    "metric.{}.short": PLANNABLE,
    "metric.{}.name": [row.metric for row in HABITS],
    "parts.{}.button": ("met", "result", "next"),
    "lost.reason_{}": LostReason,
    "milestone.m{}": [str(n) for n in range(FIRST_MILESTONE, DELIVERY + 1)],
    "need.{}": NEEDS,
    "part.{}": Part,
    "signal.{}": Signal,
    "stalled.answer_{}": set(ANSWERS.values()),
    "strategy.{}": [each.replace("-", "_") for each in Strategy],
    "members.{}_role": ("add", "drop"),
    "teams.{}": ("leads", "stands_in"),
    "teams.no_{}": ("manager", "deputy"),
    "teams.told_{}": ("leads", "stands_in"),
    "teams.told_no_{}": ("manager", "deputy"),
    "platform.{}": ("telegram", "slack", "web", "console"),
    "profile.{}": Profile,
    "record.at_{}": RECORDED,
    "record.plain_{}": RECORDED,
    "record.planned_{}": RECORDED,
    "record.with_{}": RECORDED,
    # A day reported too late is refused, and a day off has its report in time.
    "report.{}": (DayState.ON_TIME, DayState.LATE),
    "role.{}": Role,
    "settings.{}": SETTINGS,
    "settings.turn_{}": SWITCH,
    "settings.nudge_{}": SWITCH,
    "settings.turn_nudge_{}": SWITCH,
    "settings.which_{}": SETTINGS,
    "setup.week_{}": WEEKS,
    "state.{}": DayState,
    "what.{}": {*telegram_updates.CONTENTS.values(), "edit", "other", "file", "forwarded"},
    "deal.told_{}": (*CLOSED, State.ON_HOLD, State.ACTIVE, *TOLD),
    "deals.ended_{}": CLOSED,
    "hold.{}": ("week", "month", "quarter"),
    "hold.option_{}": HoldReason,
    "hold.reason_{}": HoldReason,
    "lost.done_{}": (State.LOST, State.CANCELLED),
    "lost.part.reason.option_{}": LostReason,
    "milestone.phase_{}": Phase,
    "milestone.criterion_{}": [str(stage.number) for stage in PROJECT.stages],
    "milestones.flaw_{}": [each for each in Flaw if each not in (Flaw.STAGES, Flaw.TWICE)],
    "milestones.more_{}": LISTS,
    "milestones.no_{}": LISTS,
    "milestones.part.{}.label": (*NUMBERS, "gate", "approval"),
    "milestones.part.size.option_{}": SizeClass,
    "milestones.{}_title": View,
    "need.{}_sheet": [each for each in Tool if each not in (Tool.FAB, Tool.RISK)],
    "check.asks_{}": Item,
    "check.name_{}": Item,
    "check.zone_{}": Zone,
    "who.part.{}.ask": ("role", "influence", "stance"),
    "who.part.influence.option_{}": "12345",
    "who.part.stance.option_{}": STANCE_CODES,
    "bid.part.{}.ask": ASKED,
    "bid.part.{}.label": ASKED,
    "bid.decision_{}": BidDecision,
    "bid.no_{}": ("conditions", "signs"),
    "bid.verdict_{}": Verdict,
    "bid.{}": (YES, NO),
    "expense.level_{}": (Alert.WARN, Alert.CRITICAL),
    "expense.told_{}": (Alert.WARN, Alert.CRITICAL),
    "tool.hint_{}": HINTED,
    "tool.name_{}": Tool,
    "warmth.{}": Warmth,
    "customer.buys_{}": BuyerType,
    "customer.part.buys.option_{}": BuyerType,
    "claim.was_{}": (*ClaimVerdict, "withdrawn"),
    "claim.done_{}": ClaimVerdict,
    "claim.told_claimant_{}": ClaimVerdict,
    "claim.told_owner_{}": ClaimVerdict,
    "claim.{}_to_button": (ClaimVerdict.GIVE, ClaimVerdict.SHARE),
    "merge.n_{}": MOVED,
    "riders.{}": ("week", "month"),
    "riders.{}_change": ("week", "month"),
    "score.board_{}": CORRECTIONS,
    "score.by_{}": Origin,
    "score.closed_{}": SPANS,
    "score.corrected_{}": SPANS,
    "score.kpi_{}": Kpi,
    "score.line_{}": [each for each in Measure if each is not Measure.MEASURED],
    "score.pair_{}": KpiUnit,
    "score.provisional_{}": SPANS,
    "score.remark_best_{}": ("weeks", "months"),
    "score.running_{}": SPANS,
    "score.short_{}": Measure,
    "score.told_{}": CORRECTIONS,
    "score.total_best_{}": ("weeks", "months"),
    "score.value_{}": KpiUnit,
    "score.version_{}": Why,
    "score.why_{}": (Measure.EXCUSED, Measure.NOT_SET_UP),
    "week.comment_{}": TAPS,
    "handover.n_{}": ("customers", "deals", "steps"),
    "forecast.{}": Category,
    "forecast.{}_button": Category,
    "forecast.{}_title": Category,
    "funnel.m{}": [str(stage.number) for stage in PROJECT.stages],
    "funnel.n_{}": COUNTED,
    "funnel.was_{}": [each for each in Change if each not in (Change.AMOUNT, Change.ITEMS)],
    "funnel.{}_button": ("stages", "volume", "capacity", "velocity", "changes", "picture", "plan", "bars"),
    "plan.is_{}": (PlanState.DONE, PlanState.DROPPED),
    "target.method_{}": Method,
    "spotcheck.{}_done": (SampleVerdict.VALID, SampleVerdict.INVALID, Upheld.UPHELD, Upheld.REVERSED),
    "spotcheck.told_{}": (Upheld.UPHELD, Upheld.REVERSED),
    "contest.counts_{}": Count,
    "board.part_{}": ("attainment", "plan", "verified"),
    "target.smart_{}": TARGET_DOUBTS,
    "paid.no_{}": (Way.REMOVE, Way.REMOVE_DUE),
    "csat.answer_{}": [str(each.value) for each in Answer],
    "kpis.name_{}": Kpi,
    "kpis.role_{}": KPI_ROLES,
    "kpis.side_{}": Side,
    "kpis.fact_{}": {each.unit for each in CATALOGUE.values() if each.comes is ComesFrom.TYPED},
    "kpis.new_{}": NewCustomer,
    "kpis.way_{}": NewCustomer,
}
# Keys with two holes, written out; the part of a command is looked up before its key is chosen.
SEVERAL: dict[str, tuple[str, ...]] = {
    "record.before{}{}": ("record.before", "record.before_of", "record.before_bare", "record.before_of_bare"),
    "{}.option_{}": OPTIONS,
    "{}.reason_{}": (
        *(f"lost.reason_{each}" for each in LostReason),
        *(f"hold.reason_{each}" for each in HoldReason),
    ),
    "contest.part.{}.option_{}": (
        *(f"contest.part.metric.option_{each}" for each in Count),
        *(f"contest.part.between.option_{each}" for each in Between),
    ),
    "{}.part.{}": (),
    "parts.{}": (),
    # Lists of words, and the names of Slack's actions.
    "parts.{}.aliases": (),
    "{}.aliases": (),
    "score.{}_words": (),
    "deal.{}_words": (),
    "advance.{}_words": (),
    "deals.{}_words": (),
    "funnel.{}_words": (),
    "milestones.{}_words": (),
    "milestones.part.{}.option_{}": (),
    "who.{}_words": (),
    "task.{}_words": (),
    "target.{}_words": (),
    "board.{}_words": (),
    "kpis.{}_words": (),
    "csat.answer_{}_words": (),
    "spotcheck.{}_words": (),
    "customer.{}_words": (),
    "customers.{}_words": (),
    "{}.command.aliases": (),
    "metric.{}.called_words": (),
    "press.{}": (),
    "{}.part.{}.ask": (),
}
REFUSALS = {"Refusal", "NotUnderstood", "NotFound", "NotAllowed", "NotNow", "_bad"}
ROOMS = {key.split(".")[0] for key in catalogue()}
# Lists of the catalogue, and files of the playground beside its texts of the same name.
NOT_KEYS = (".aliases", "_words", ".css", ".js", ".svg")
PATTERN = re.compile(r"({}|[a-z_]+)(\.[a-z_{}]+)+")
KEY = re.compile(r"[a-z_]+(\.[a-zA-Z_-]+)+")


def made_from(text: ast.JoinedStr) -> str:
    return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in text.values)


def filled(pattern: str) -> set[str]:
    """The keys a made-up key can become."""
    if pattern in SEVERAL:
        return set(SEVERAL[pattern])
    return {pattern.replace("{}", value, 1) for value in MADE_UP.get(pattern, ())}


def plain_keys(file: Source) -> Iterator[tuple[str, int]]:
    """Strings of a file that are, or look like, keys of the catalogue; pieces of made-up ones are not."""
    pieces = {id(each) for node in file.nodes() if isinstance(node, ast.JoinedStr) for each in node.values}
    for node in file.nodes():
        if id(node) in pieces:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_key(node.value):
            yield node.value, node.lineno


def _is_key(text: str) -> bool:
    return bool(KEY.fullmatch(text)) and text.split(".")[0] in ROOMS and not text.endswith(NOT_KEYS)


def said_directly(file: Source) -> Iterator[tuple[str, int]]:
    """First arguments of `t(...)` and of refusals: these are keys, whatever they look like."""
    for node in file.nodes():
        if isinstance(node, ast.Call) and node.args and _says(node.func):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, node.lineno


def made_up_keys(file: Source) -> Iterator[tuple[str, int]]:
    """Patterns of keys put together: a room of the catalogue, or a hole, then words with dots between them."""
    for node in file.nodes():
        if isinstance(node, ast.JoinedStr) and PATTERN.fullmatch(pattern := made_from(node)):
            room, _, rest = pattern.partition(".")
            if room in ROOMS or (room == "{}" and re.search("[a-z]", rest)):
                yield pattern, node.lineno


def _says(function: ast.expr) -> bool:
    name = ast.unparse(function)
    return name == "t" or name in REFUSALS
