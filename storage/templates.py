"""Rows of milestone ladders: an organisation's own versions as JSON, and the one that ships without a row."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, select

from domain.c139 import Item, Minimum
from domain.milestones import (
    PROJECT,
    SHIPPED,
    Known,
    Phase,
    Requirement,
    Source,
    Stage,
    Template,
    TemplateId,
    Tool,
)
from domain.people import MemberId
from domain.stalled import SizeClass
from storage import tables
from storage.session import Session

p = tables.template.c
TEMPLATE = select(p.id, p.name, p.version, p.body).where(p.org_id == bindparam("org_id"))
TEMPLATE_BY_ID = TEMPLATE.where(p.id == bindparam("template_id"))
OF_VERSION = TEMPLATE.where(p.name == bindparam("name"), p.version == bindparam("version"))
NEWEST = TEMPLATE.where(p.name == bindparam("name")).order_by(p.version.desc()).limit(1)


def encoded(template: Template) -> str:
    """A ladder as JSON; a ratio is written as "3/5"."""
    return json.dumps(
        {"size": template.size, "stages": [asdict(stage) for stage in template.stages]},
        default=str,
        ensure_ascii=False,
    )


def decoded(number: int, name: str, version: int, body: str) -> Template:
    """The inverse of `encoded`."""
    read = json.loads(body)
    return Template(
        id=TemplateId(number),
        name=name,
        version=version,
        size=SizeClass(read["size"]),
        stages=tuple(_stage(each) for each in read["stages"]),
    )


def _stage(read: Mapping[str, Any]) -> Stage:
    return Stage(
        number=read["number"],
        phase=Phase(read["phase"]),
        progress=read["progress"],
        days=read["days"],
        conversion=Fraction(read["conversion"]),
        tasks=tuple(_requirement(each) for each in read["tasks"]),
        evidence=tuple(_requirement(each) for each in read["evidence"]),
        info=tuple(_requirement(each) for each in read["info"]),
        tools=tuple(Tool(each) for each in read["tools"]),
        minimum=Minimum(**read["minimum"]),
        approval=read["approval"],
        holds=read["holds"],
    )


def _requirement(read: Mapping[str, Any]) -> Requirement:
    return Requirement(
        code=read["code"],
        source=Source(read["source"]),
        known=Known(read["known"]) if read["known"] else None,
        tool=Tool(read["tool"]) if read["tool"] else None,
        item=Item(read["item"]) if read["item"] else None,
        text=read["text"],
        required=read["required"],
    )


class Templates(Session):
    """The ladders that an organisation's deals climb."""

    def template(self, template: TemplateId) -> Template:
        if template == SHIPPED:
            return PROJECT
        row = self.row(TEMPLATE_BY_ID, template_id=template)
        if row is None:
            raise LookupError(f"no template {template}")
        return decoded(*row)

    def current_template(self, name: str) -> Template:
        row = self.row(NEWEST, name=name)
        return decoded(*row) if row else PROJECT

    def template_version(self, name: str, version: int) -> Template | None:
        if (name, version) == (PROJECT.name, PROJECT.version):
            return PROJECT
        row = self.row(OF_VERSION, name=name, version=version)
        return decoded(*row) if row else None

    def keep_template(self, template: Template, by: MemberId, at: datetime) -> TemplateId:
        number = self.insert(
            tables.template,
            name=template.name,
            version=template.version,
            body=encoded(template),
            made_at=at,
            made_by=by,
        )
        return TemplateId(number)
