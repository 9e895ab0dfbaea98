"""Drawings of each kind for tests, in words of each language."""

from decimal import Decimal

from domain.people import Language
from handlers.charts import (
    BoardPlace,
    Drawing,
    Funnel,
    FunnelStage,
    Leaderboard,
    Number,
    Scorecard,
    ScoredLine,
    Trend,
    TrendPoint,
)

KINDS = ("funnel", "scorecard", "leaderboard", "trend")

# One list a language: what is written in each picture, by its name here.
WORDS: dict[Language, dict[str, str]] = {
    Language.EN: {
        "funnel": "North's funnel",
        "quarter": "Q1, as of Mon 2 Mar",
        "stages": "Qualifying|Needs|Technical exchange|Solution|Evaluation|Contract",
        "leak": "leak",
        "late": "too late to add",
        "card": "Ann's week",
        "week": "Week 9, 23 Feb - 1 Mar",
        "kpis": "Sales|Collection|New customers|Customer satisfaction|Plan completion",
        "details": "412k of 500k|91% of due|3 of 2|8.6 of 9.0|",
        "remark": "+6, best in 5 weeks",
        "board": "Board of the week",
        "names": "Ann|Zhou Bo|Chen Fang",
        "improved": "Lin Tao +12",
        "team": "91%, +5",
        "trend": "Ann's points",
        "last": "Last 8 weeks",
    },
    Language.ZH: {
        "funnel": "\u534e\u5317\u56e2\u961f\u6f0f\u6597",
        "quarter": "\u4e00\u5b63\u5ea6\uff0c\u622a\u81f33\u67082\u65e5",
        "stages": "\u5546\u673a\u786e\u8ba4|\u9700\u6c42\u786e\u8ba4|\u6280\u672f\u4ea4\u6d41|\u65b9\u6848\u786e\u8ba4|\u8bc4\u4f30\u8c08\u5224|\u5408\u540c\u7b7e\u8ba2",
        "leak": "\u6d41\u5931\u8f83\u591a",
        "late": "\u73b0\u5728\u8865\u5df2\u6765\u4e0d\u53ca",
        "card": "\u5b89\u7684\u672c\u5468\u5f97\u5206",
        "week": "\u7b2c9\u5468\uff0c2\u670823\u65e5\u81f33\u67081\u65e5",
        "kpis": "\u9500\u552e\u989d|\u56de\u6b3e\u7387|\u65b0\u5ba2\u6237|\u5ba2\u6237\u6ee1\u610f\u5ea6|\u8ba1\u5212\u5b8c\u6210\u7387",
        "details": "41.2\u4e07 / 50\u4e07|\u5230\u671f\u7684 91%|3 / 2|8.6 / 9.0|",
        "remark": "\u6bd4\u4e0a\u5468 +6\uff0c5\u5468\u6765\u6700\u597d",
        "board": "\u672c\u5468\u9f99\u864e\u699c",
        "names": "\u5b89|\u5468\u535a|\u9648\u82b3",
        "improved": "\u6797\u6d9b +12",
        "team": "91%\uff0c\u6bd4\u4e0a\u5468 +5",
        "trend": "\u5b89\u7684\u5f97\u5206\u8d70\u52bf",
        "last": "\u6700\u8fd18\u5468",
    },
}


def drawing(kind: str, language: Language) -> Drawing:
    """A picture of a kind as a week would bring it."""
    said = WORDS.get(language, WORDS[Language.ZH])
    match kind:
        case "funnel":
            names = said["stages"].split("|")
            rows = zip(names, (18, 15, 6, 5, 2, 1), (20, 12, 9, 6, 4, 3), strict=True)
            marks = {2: said["leak"], 5: said["late"]}
            stages = tuple(
                FunnelStage(
                    name=name,
                    count=count,
                    ideal=ideal,
                    amount=Decimal(count * 85_000),
                    mark=marks.get(number),
                )
                for number, (name, count, ideal) in enumerate(rows)
            )
            return Funnel(title=said["funnel"], period=said["quarter"], stages=stages)
        case "scorecard":
            rows_of = zip(
                said["kpis"].split("|"),
                (Decimal("82.4"), 91, 120, None, 96),
                (40, 20, 15, 10, 15),
                said["details"].split("|"),
                strict=True,
            )
            lines = tuple(
                ScoredLine(label=label, score=score, weight=weight, detail=detail or None)
                for label, score, weight, detail in rows_of
            )
            return Scorecard(
                title=said["card"], period=said["week"], lines=lines, total=84, remark=said["remark"]
            )
        case "leaderboard":
            names = said["names"].split("|")
            points: tuple[Number, ...] = (Decimal("96.5"), 91, 88)
            places = tuple(
                BoardPlace(rank=rank, name=name, points=each)
                for rank, (name, each) in enumerate(zip(names, points, strict=True), 1)
            )
            return Leaderboard(
                title=said["board"],
                period=said["week"],
                places=places,
                improved=said["improved"],
                team=said["team"],
            )
        case _:
            values = (71, 68, 75, None, 80, 78, 90, 84)
            weeks = tuple(
                TrendPoint(label=f"W{number}", value=value) for number, value in enumerate(values, 2)
            )
            return Trend(title=said["trend"], period=said["last"], points=weeks, target=85, best=92)
