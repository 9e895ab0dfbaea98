-- Funnels of people and teams from raw rows, written from the method's text (sections 3 and 4). `now` holds today and the
-- period; the file may be run again for another day. It follows weeks.sql: what was sold, what the targets ask of each day, and what visits were counted are there.

-- The ladder of section 3: usual days, and the share of deals that go on.
CREATE OR REPLACE TABLE shipped (milestone BIGINT, days INTEGER, conversion DOUBLE);
INSERT INTO shipped VALUES (1, 15, .60), (2, 30, .70), (3, 30, .70), (4, 30, .75), (5, 20, .80), (6, 15, .70);
-- The median of the last fifty stays of won deals where there are ten.
CREATE OR REPLACE TABLE ladder AS
    SELECT s.milestone, s.conversion, CASE WHEN count(w.days) >= 10 THEN median(w.days) ELSE s.days END AS days
    FROM shipped s LEFT JOIN (
        SELECT p.milestone, p.days,
               row_number() OVER (PARTITION BY p.milestone ORDER BY p.left_on DESC, p.id DESC) AS nth
        FROM passage p JOIN deal d ON d.id = p.deal_id WHERE d.state = 'won' AND p.days IS NOT NULL
    ) w ON w.milestone = s.milestone AND w.nth <= 50
    GROUP BY s.milestone, s.conversion, s.days;

-- C139: items that count, the table in percent, 60 at most without a coach; without any item the milestones that are left.
CREATE OR REPLACE TABLE prior AS
    SELECT w, f, unnest(range(10)) AS c, unnest(row_) AS percent FROM (VALUES
        (0, 0, [5, 5, 5, 8, 10, 15, 20, 30, 40, 50]), (0, 1, [5, 5, 8, 10, 15, 20, 30, 45, 60, 65]),
        (0, 2, [8, 8, 10, 15, 20, 30, 40, 55, 65, 70]), (0, 3, [10, 10, 15, 20, 25, 35, 45, 60, 70, 75]),
        (1, 0, [30, 30, 35, 40, 45, 50, 75, 80, 85, 88]), (1, 1, [35, 35, 40, 45, 50, 60, 90, 90, 92, 92]),
        (1, 2, [40, 40, 45, 50, 55, 65, 92, 93, 94, 94]), (1, 3, [45, 45, 50, 55, 60, 70, 93, 94, 95, 95])
    ) AS t(w, f, row_);
CREATE OR REPLACE TABLE rated AS
    SELECT deal_id, count(*) FILTER (WHERE item LIKE 'c%') AS c, count(*) FILTER (WHERE item LIKE 'f%') AS f,
           count(*) FILTER (WHERE item = 'w') AS w
    FROM (SELECT DISTINCT deal_id, item FROM checked
          WHERE length(trim(note)) >= 10
            AND (coalesce(source, '') <> '' OR activity_id IS NOT NULL OR contact_id IS NOT NULL))
    GROUP BY deal_id;
CREATE OR REPLACE TABLE chance AS
    SELECT d.id AS deal_id,
           CASE WHEN r.deal_id IS NULL
                THEN coalesce((SELECT product(l.conversion) FROM ladder l WHERE l.milestone >= d.milestone), 1)
                WHEN EXISTS (FROM checked k WHERE k.deal_id = d.id AND k.coach_id IS NOT NULL) THEN p.percent / 100
                ELSE least(p.percent, 60) / 100 END AS chance
    FROM deal d LEFT JOIN rated r ON r.deal_id = d.id LEFT JOIN prior p ON p.c = r.c AND p.f = r.f AND p.w = r.w;

-- Whose funnels: every team's and every rep's. A deal stays with the team it was made in.
CREATE OR REPLACE TABLE whose AS
    SELECT 'team' AS kind, team_id AS id, id AS member_id FROM member WHERE is_rep
    UNION ALL SELECT 'person', id, id FROM member WHERE is_rep;
CREATE OR REPLACE TABLE holds AS
    SELECT 'team' AS kind, team_id AS id, id AS deal_id FROM deal
    UNION ALL SELECT 'person', owner_id, id FROM deal;
CREATE OR REPLACE TABLE standing AS
    SELECT *, closes_on BETWEEN (SELECT first_on FROM now) AND (SELECT last_on FROM now) AS in_time FROM (
    SELECT h.kind, h.id, d.id AS deal_id, d.owner_id, d.milestone, coalesce(d.amount, 0) AS amount, c.chance,
           greatest(d.close_on, n.today + CAST(ceil(coalesce((
               SELECT sum(CASE WHEN l.milestone = d.milestone
                               THEN greatest(0, l.days - (n.today - d.entered_on - d.held_days)) ELSE l.days END)
               FROM ladder l WHERE l.milestone >= d.milestone), 0)) AS INTEGER)) AS closes_on
    FROM holds h JOIN deal d ON d.id = h.deal_id JOIN chance c ON c.deal_id = d.id CROSS JOIN now n
    WHERE d.state = 'active');

-- Conversions of the last year: a team's pulled toward the ladder's by ten, a person's toward the team's they are in.
CREATE OR REPLACE TABLE passed AS
    SELECT h.kind, h.id, p.milestone, count(*) AS entered,
           count(*) FILTER (WHERE p.passed IN ('proven', 'unproven', 'override')) AS advanced
    FROM passage p JOIN holds h ON h.deal_id = p.deal_id CROSS JOIN now n
    WHERE p.left_on >= n.today - 365 GROUP BY ALL;
CREATE OR REPLACE TABLE converted AS
    SELECT 'team' AS kind, t.id, l.milestone, l.days, l.conversion AS benchmark, coalesce(p.entered, 0) AS entered,
           (coalesce(p.advanced, 0) + 10 * l.conversion) / (coalesce(p.entered, 0) + 10) AS own
    FROM (SELECT DISTINCT id FROM whose WHERE kind = 'team') t CROSS JOIN ladder l
    LEFT JOIN passed p ON p.kind = 'team' AND p.id = t.id AND p.milestone = l.milestone;
INSERT INTO converted
    SELECT 'person', m.id, c.milestone, c.days, c.own, coalesce(p.entered, 0),
           (coalesce(p.advanced, 0) + 10 * c.own) / (coalesce(p.entered, 0) + 10)
    FROM member m JOIN converted c ON c.kind = 'team' AND c.id = m.team_id
    LEFT JOIN passed p ON p.kind = 'person' AND p.id = m.id AND p.milestone = c.milestone
    WHERE m.is_rep;
CREATE OR REPLACE TABLE norm AS
    SELECT *, product(own) OVER onward AS p, sum(days) OVER onward AS days_left FROM converted
    WINDOW onward AS (PARTITION BY kind, id ORDER BY milestone ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);

-- What is asked and won in the period, the average deal of the last two hundred, win rate and cycle of the last year.
CREATE OR REPLACE TABLE average AS
    SELECT avg(amount) AS average FROM (SELECT amount FROM deal WHERE amount IS NOT NULL ORDER BY id DESC LIMIT 200);
CREATE OR REPLACE TABLE goal AS
    SELECT *, greatest(0, coalesce(target, 0) - won) AS remaining FROM (
    SELECT w.kind, w.id, count(DISTINCT w.member_id) AS reps,
           (SELECT sum(o.hundredths) / 100 FROM owed o JOIN whose x ON x.member_id = o.member_id
            WHERE x.kind = w.kind AND x.id = w.id AND o.on_date BETWEEN n.first_on AND n.last_on) AS target,
           coalesce((SELECT sum(s.cents) / 100 FROM sold s JOIN whose x ON x.member_id = s.member_id
            WHERE x.kind = w.kind AND x.id = w.id AND s.on_date BETWEEN n.first_on AND n.last_on), 0) AS won
    FROM whose w CROSS JOIN now n GROUP BY w.kind, w.id, n.first_on, n.last_on);
CREATE OR REPLACE TABLE ended AS
    SELECT h.kind, h.id, count(*) AS closed, count(*) FILTER (WHERE d.state = 'won') AS won,
           median(d.closed_on - d.opened_on) FILTER (WHERE d.state = 'won') AS cycle
    FROM deal d JOIN holds h ON h.deal_id = d.id CROSS JOIN now n
    WHERE d.state IN ('won', 'lost') AND d.closed_on >= n.today - 365 GROUP BY ALL;
CREATE OR REPLACE TABLE chances AS
    SELECT w.kind, w.id, (
            (SELECT count(*) FROM deal d JOIN whose x ON x.member_id = d.owner_id
             WHERE x.kind = w.kind AND x.id = w.id AND NOT d.imported AND d.opened_on >= n.today - 91) + 10 / 8
        ) / (
            coalesce((SELECT sum(c.n) FROM counted c JOIN whose x ON x.member_id = c.member_id
                      WHERE x.kind = w.kind AND x.id = w.id AND c.metric = 'visits'
                      AND c.on_date BETWEEN CAST(date_trunc('week', n.today - 91) AS DATE)
                                        AND CAST(date_trunc('week', n.today) AS DATE) + 6), 0) + 10
        ) AS per_visit
    FROM whose w CROSS JOIN now n GROUP BY w.kind, w.id, n.today;

CREATE OR REPLACE TABLE gathered AS
    SELECT g.*, a.average, n.last_on - n.today + 1 AS days_left, c.per_visit,
           (SELECT count(*) FROM standing s WHERE s.kind = g.kind AND s.id = g.id) AS deals,
           coalesce((SELECT sum(amount) FROM standing s WHERE s.kind = g.kind AND s.id = g.id), 0) AS pipeline,
           coalesce((SELECT sum(amount * chance) FROM standing s
                     WHERE s.kind = g.kind AND s.id = g.id AND in_time), 0) AS capacity,
           coalesce((SELECT sum(amount) FROM standing s
                     WHERE s.kind = g.kind AND s.id = g.id AND in_time), 0) AS eligible,
           (coalesce(e.won, 0) + 10 * (SELECT product(conversion) FROM ladder)) / (coalesce(e.closed, 0) + 10) AS win_rate,
           CASE WHEN e.won >= 10 THEN e.cycle ELSE ceil((SELECT sum(days) FROM ladder)) END AS cycle_days,
           (SELECT arg_min(milestone, (own / benchmark, milestone)) FROM converted v
            WHERE v.kind = g.kind AND v.id = g.id AND v.entered >= 5) AS leak,
           (SELECT max(whole) / nullif(sum(whole), 0) FROM (
                SELECT sum(amount) AS whole FROM standing s WHERE s.kind = g.kind AND s.id = g.id GROUP BY owner_id)
           ) AS top_share
    FROM goal g CROSS JOIN average a CROSS JOIN now n
    LEFT JOIN ended e ON e.kind = g.kind AND e.id = g.id
    LEFT JOIN chances c ON c.kind = g.kind AND c.id = g.id;
CREATE OR REPLACE TABLE funnel AS
    SELECT *, greatest(0, remaining - capacity) AS gap, capacity / nullif(remaining, 0) AS fill,
           deals * win_rate * average / cycle_days AS velocity, remaining / days_left AS required,
           velocity * days_left AS projected, greatest(0, remaining - projected) AS velocity_gap,
           pipeline / nullif(remaining, 0) AS coverage,
           greatest(0, greatest(3, 1 / win_rate) * remaining - pipeline) AS shortfall
    FROM gathered;
-- Per milestone: current against ideal by cycle, by volume, and how many deals would close the gap where it is not too late.
CREATE OR REPLACE TABLE stage AS
    SELECT v.kind, v.id, v.milestone, v.own, v.p,
           (SELECT count(*) FROM standing s WHERE s.kind = v.kind AND s.id = v.id AND s.milestone = v.milestone) AS count,
           coalesce((SELECT sum(amount) FROM standing s
                     WHERE s.kind = v.kind AND s.id = v.id AND s.milestone = v.milestone), 0) AS amount,
           CAST(ceil(f.target / f.average / v.p - 1e-9) AS BIGINT) AS volume,
           f.target / 3 / f.average / v.p AS entries, entries * v.days / 30 AS stock,
           CASE WHEN n.last_on - CAST(ceil(v.days_left) AS INTEGER) >= n.today
                THEN CAST(ceil(f.gap / (f.average * v.p) - 1e-9) AS BIGINT) END AS to_add
    FROM norm v JOIN funnel f ON f.kind = v.kind AND f.id = v.id CROSS JOIN now n;
