"""Tryton in a process of its own: asked for operations by lines of JSON, it times itself and answers by lines of JSON.

It runs in an environment that uv makes for it and imports nothing of the project. First line in: folder, opportunities.
"""

import contextlib
import json
import os
import sys
import tempfile
import time

LEVEL = {"now": "OFF"}


def made(folder, count):
    """A company with so many leads in a fresh database, and the proxies of Tryton's calls."""
    os.environ.update(DB_NAME="bench", TRYTOND_DATABASE_URI="sqlite://", TRYTOND_DATABASE__PATH=folder)
    # Installing the modules takes a minute: Tryton keeps a copy of the empty database there and begins with it.
    os.environ["DB_CACHE"] = os.path.join(tempfile.gettempdir(), "dealpace-bench-tryton")
    from trytond.backend.sqlite.database import Database

    connect = Database.connect

    def durable(self):
        # Tryton's own default is NORMAL, which a loss of power can undo; nothing has to survive while all is made.
        found = connect(self)
        if not self._conn.in_transaction:
            self._conn.execute(f"PRAGMA synchronous={LEVEL['now']}")
        return found

    Database.connect = durable
    from proteus import Model
    from trytond.modules.company.tests.tools import create_company, get_company
    from trytond.tests.tools import activate_modules

    config = activate_modules("sale_opportunity")
    create_company()
    company = get_company()
    person = Model.get("party.party")(name="Rep")
    person.save()
    employee = Model.get("company.employee")(party=person, company=company)
    employee.save()
    user = Model.get("res.user")(config.user)
    user.companies.append(company)
    user.company = company
    user.employees.append(employee)
    user.employee = employee
    user.save()
    context = {**config.context, "company": company.id, "employee": employee.id}
    parties = config.get_proxy("party.party").create([{"name": f"Works {n}"} for n in range(count)], context)
    deals = config.get_proxy("sale.opportunity").create(
        [
            {
                "party": party,
                "company": company.id,
                "currency": company.currency.id,
                "employee": employee.id,
                "description": "Line",
            }
            for party in parties
        ],
        context,
    )
    return config, context, deals


def synchronous():
    """The level the connection that Tryton works with really has; 2 is FULL."""
    from trytond.transaction import Transaction

    with Transaction().start("bench", 0) as transaction:
        cursor = transaction.connection.cursor()
        cursor.execute("PRAGMA synchronous")
        return cursor.fetchone()[0]


def main():
    out = sys.stdout
    asked = json.loads(sys.stdin.readline())
    # What Tryton prints must not come between the lines.
    with contextlib.redirect_stdout(sys.stderr):
        config, context, deals = made(asked["folder"], asked["deals"])
        LEVEL["now"] = "FULL"
        notes, opportunities = config.get_proxy("ir.note"), config.get_proxy("sale.opportunity")

        def log(number):
            on = f"sale.opportunity,{deals[number % len(deals)]}"
            notes.create([{"resource": on, "message": "budget confirmed, wants a second offer"}], context)
            notes.search_read([("resource", "=", on)], 0, 10, [("create_date", "DESC")], ["message"], context)

        def move(number):
            opportunities.opportunity([deals[number]], context)

        works = {"log": log, "move": move}

        def answer(each):
            if each["do"] == "counts":
                done = opportunities.search_count([("state", "=", "opportunity")], 0, None, context)
                return {"log": notes.search_count([], 0, None, context), "move": done}
            work, first = works[each["do"]], each["first"]
            start = time.perf_counter()
            for number in range(first, first + each["count"]):
                work(number)
            return {"seconds": time.perf_counter() - start}

        print(json.dumps({"synchronous": synchronous()}), file=out, flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
