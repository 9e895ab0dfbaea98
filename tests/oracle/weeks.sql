-- People's weeks and teams' boards from raw rows, written from the method's text (sections 2, 5, 6, 7) and product 2.5, 4.
-- `asked` holds the Monday of each week and the day until which it is looked at. Instants are UTC, `zone_minutes` east of it.

-- Whom a day is worked by: the organisation's week, days declared otherwise (a team's word above, the last word holds), leave.
CREATE TABLE declared AS
    SELECT team_id, on_date, arg_max(works, id) AS works FROM calendar_day GROUP BY team_id, on_date;
CREATE TABLE day AS
    SELECT CAST(d AS DATE) AS on_date
    FROM (SELECT unnest(generate_series(TIMESTAMP '2025-12-01', TIMESTAMP '2026-05-31', INTERVAL 1 DAY)) AS d);
CREATE TABLE worked AS
    SELECT m.id AS member_id, m.zone_minutes, d.on_date,
           coalesce(own.works, whole.works, isodow(d.on_date) <= 5) AS workday,
           workday AND NOT EXISTS (
               FROM leave l WHERE l.member_id = m.id AND d.on_date BETWEEN l.first_on AND l.last_on
           ) AS present
    FROM member m CROSS JOIN day d
    LEFT JOIN declared own ON own.team_id = m.team_id AND own.on_date = d.on_date
    LEFT JOIN declared whole ON whole.team_id IS NULL AND whole.on_date = d.on_date;
-- 10:00 of the next day worked after each day, as an instant.
CREATE TABLE grace AS
    SELECT member_id, on_date,
           min(CASE WHEN present THEN on_date END) OVER ahead
               + INTERVAL 10 HOUR - to_minutes(zone_minutes) AS ends_at
    FROM worked
    WINDOW ahead AS (PARTITION BY member_id ORDER BY on_date ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING);

-- Records: thin, come after their week was closed, or in the running.
CREATE TABLE record AS
    SELECT a.*, CAST(date_trunc('week', a.on_date) AS DATE) AS monday,
           a.complete_at IS NOT NULL
               AND (a.complete_at = a.recorded_at OR a.complete_at <= day_end.ends_at) AS whole,
           a.recorded_at > week_end.ends_at AS closed,
           CASE WHEN a.kind IN ('visit', 'meeting') THEN len(a.contact_ids) > 0
                WHEN a.kind = 'call' THEN a.has_result
                ELSE a.replied END AS two_way
    FROM activity a
    JOIN grace day_end ON day_end.member_id = a.member_id AND day_end.on_date = a.on_date
    JOIN grace week_end
        ON week_end.member_id = a.member_id AND week_end.on_date = CAST(date_trunc('week', a.on_date) AS DATE) + 6;
-- In the order they happened: less than 30 minutes after the last counted one is a duplicate unless another person is
-- named; a customer is credited with two visits a day.
CREATE TABLE running AS
    SELECT *, row_number() OVER (PARTITION BY member_id, customer_id, kind, monday ORDER BY happened_at, id) AS place
    FROM record WHERE whole AND NOT closed;
CREATE TABLE credited AS
    WITH RECURSIVE walk AS (
        SELECT id, member_id, customer_id, kind, monday, place, TRUE AS counts,
               happened_at AS last_at, contact_ids AS last_met, on_date AS last_day, 1 AS that_day
        FROM running WHERE place = 1
        UNION ALL
        SELECT n.id, n.member_id, n.customer_id, n.kind, n.monday, n.place,
               NOT (n.happened_at - w.last_at < INTERVAL 30 MINUTE
                    AND (len(w.last_met) = 0
                         OR len(list_filter(n.contact_ids, lambda each: NOT list_contains(w.last_met, each))) = 0))
               AND NOT (n.kind = 'visit' AND n.on_date = w.last_day AND w.that_day >= 2) AS good,
               CASE WHEN good THEN n.happened_at ELSE w.last_at END,
               CASE WHEN good THEN n.contact_ids ELSE w.last_met END,
               CASE WHEN good THEN n.on_date ELSE w.last_day END,
               CASE WHEN NOT good THEN w.that_day WHEN n.on_date = w.last_day THEN w.that_day + 1 ELSE 1 END
        FROM walk w JOIN running n
            ON n.member_id = w.member_id AND n.customer_id = w.customer_id AND n.kind = w.kind
            AND n.monday = w.monday AND n.place = w.place + 1
    )
    SELECT r.* FROM walk w JOIN record r ON r.id = w.id WHERE w.counts;

-- A customer is contacted once a day, five days a week at most.
CREATE TABLE contacted AS
    SELECT member_id, on_date, count(*) AS n FROM (
        SELECT member_id, on_date, customer_id,
               row_number() OVER (PARTITION BY member_id, customer_id, monday ORDER BY on_date) AS nth
        FROM (SELECT DISTINCT member_id, on_date, monday, customer_id FROM record
              WHERE two_way AND (whole OR complete_at IS NULL) AND NOT (whole AND closed))
    ) WHERE nth <= 5 GROUP BY ALL;
-- Of what is claimed in bulk the effective ones count, five a day over all of the day's bulk.
CREATE TABLE bulk AS
    SELECT member_id, on_date, metric, sum(taken) AS n FROM (
        SELECT *, least(effective, greatest(0, 5 - coalesce(sum(effective) OVER earlier, 0))) AS taken FROM claim
        WINDOW earlier AS (PARTITION BY member_id, on_date ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) GROUP BY ALL;
CREATE TABLE counted AS
    SELECT member_id, on_date, metric, CAST(sum(n) AS BIGINT) AS n FROM (
        SELECT member_id, on_date, 'contacts' AS metric, n FROM contacted
        UNION ALL SELECT member_id, on_date, 'calls', count(*) FROM credited WHERE kind = 'call' GROUP BY ALL
        UNION ALL SELECT member_id, on_date, 'visits', count(*) FROM credited WHERE kind = 'visit' GROUP BY ALL
        UNION ALL SELECT member_id, on_date, 'key_visits', count(*) FROM credited
            WHERE kind = 'visit' AND key_customer GROUP BY ALL
        UNION ALL SELECT member_id, on_date, metric, n FROM bulk
    ) GROUP BY ALL;

-- The plan: by profile, with a person's own quantities; smaller in the two learning weeks.
CREATE TABLE profiled (profile VARCHAR, metric VARCHAR, daily BOOLEAN, quantity INTEGER);
INSERT INTO profiled VALUES
    ('field', 'visits', FALSE, 10), ('field', 'calls', TRUE, 5),
    ('desk', 'visits', FALSE, 2), ('desk', 'calls', TRUE, 10),
    ('key_account', 'visits', FALSE, 5), ('key_account', 'key_visits', FALSE, 2), ('key_account', 'calls', TRUE, 3),
    ('full', 'contacts', TRUE, 5), ('full', 'calls', TRUE, 10), ('full', 'visits', FALSE, 10),
    ('full', 'key_visits', FALSE, 2);
CREATE TABLE plan AS
    SELECT m.id AS member_id, a.monday, a.until, p.metric, p.daily,
           coalesce(CAST(json_extract(m.quantities, p.metric) AS INTEGER), p.quantity) AS whole,
           CASE WHEN a.until - m.joined_on BETWEEN 0 AND 6 THEN 50
                WHEN a.until - m.joined_on BETWEEN 7 AND 13 THEN 75 ELSE 100 END AS learning,
           greatest(1, (2 * whole * learning + 100) // 200) AS target
    FROM member m JOIN profiled p ON p.profile = m.profile CROSS JOIN asked a WHERE m.is_rep;
CREATE TABLE attendance AS
    SELECT w.member_id, a.monday, a.until,
           count(*) FILTER (WHERE w.present) AS present,
           greatest(5, count(*) FILTER (WHERE w.workday)) AS working,
           count(*) FILTER (WHERE w.present AND w.on_date <= a.until) AS so_far
    FROM asked a JOIN worked w ON w.on_date BETWEEN a.monday AND a.monday + 6 GROUP BY ALL;
CREATE TABLE done AS
    SELECT member_id, monday, until, avg(ratio) AS done FROM (
        -- A daily metric: the mean of its capped daily ratios over the days present.
        SELECT p.member_id, p.monday, p.until, p.metric,
               avg(least(1, coalesce(c.n, 0) / p.target)) AS ratio
        FROM plan p
        JOIN worked w ON w.member_id = p.member_id AND w.present AND w.on_date BETWEEN p.monday AND p.until
        LEFT JOIN counted c ON c.member_id = p.member_id AND c.metric = p.metric AND c.on_date = w.on_date
        WHERE p.daily GROUP BY ALL
        UNION ALL
        -- A weekly one against its share of the days present, half-up, at least 1.
        SELECT p.member_id, p.monday, p.until, p.metric,
               least(1, coalesce(sum(c.n), 0)
                        / greatest(1, (2 * p.target * t.present + t.working) // (2 * t.working)))
        FROM plan p
        JOIN attendance t ON t.member_id = p.member_id AND t.monday = p.monday AND t.until = p.until
        LEFT JOIN counted c ON c.member_id = p.member_id AND c.metric = p.metric
            AND c.on_date BETWEEN p.monday AND p.monday + 6
        WHERE NOT p.daily AND t.present > 0
        GROUP BY p.member_id, p.monday, p.until, p.metric, p.target, t.present, t.working
    ) GROUP BY ALL;
-- 1 - invalid / k below 0.80 multiplies the week; who won an appeal was not invalid.
CREATE TABLE quality AS
    SELECT s.member_id, s.week_on AS monday,
           1 - count(*) FILTER (WHERE s.verdict = 'invalid' AND s.upheld <> 'reversed') / count(*) AS share,
           CASE WHEN share < 0.8 THEN share ELSE 1 END AS factor
    FROM sample s GROUP BY ALL;
CREATE TABLE vouched AS
    SELECT DISTINCT activity_id FROM sample WHERE verdict = 'valid' OR (verdict = 'invalid' AND upheld = 'reversed');

-- What was sold: won deals by share, to the cent by largest remainder with the owner first, and what was typed.
CREATE TABLE share AS
    SELECT d.id AS deal_id, d.closed_on, CAST(d.amount * 100 AS BIGINT) AS cents, p.member_id, p.place, p.percent
    FROM deal d JOIN (
        SELECT d.id AS deal_id, d.owner_id AS member_id, 0 AS place,
               100 - coalesce((SELECT sum(s.share) FROM seller s WHERE s.deal_id = d.id AND s.member_id <> d.owner_id), 0)
                   AS percent
        FROM deal d
        UNION ALL
        SELECT s.deal_id, s.member_id, s.id, s.share FROM seller s JOIN deal d ON d.id = s.deal_id
        WHERE s.member_id <> d.owner_id
    ) p ON p.deal_id = d.id
    WHERE d.state = 'won' AND d.amount > 0 AND p.percent > 0;
CREATE TABLE sold AS
    SELECT member_id, on_date, CAST(sum(cents) AS BIGINT) AS cents FROM (
        SELECT member_id, closed_on AS on_date,
               cents * percent // 100
                   + CAST(row_number() OVER (PARTITION BY deal_id ORDER BY cents * percent % 100 DESC, place)
                          <= cents - sum(cents * percent // 100) OVER (PARTITION BY deal_id) AS BIGINT) AS cents
        FROM share
        UNION ALL
        SELECT member_id, on_date, CAST(value * 100 AS BIGINT) FROM result WHERE kpi = 'sales' AND origin <> 'derived'
    ) GROUP BY ALL;
-- What the locked targets ask of each day: whole units over the working days, more to the earlier; ramp; nothing on leave.
CREATE TABLE owed AS
    SELECT t.id AS target_id, t.member_id, w.on_date, t.first_on, t.last_on,
           CAST(floor(t.amount + 0.5) AS BIGINT) AS units,
           count(*) OVER (PARTITION BY t.id) AS days,
           row_number() OVER (PARTITION BY t.id ORDER BY w.on_date) AS nth,
           datediff('month', m.joined_on, w.on_date) AS months,
           CASE WHEN months < 0 THEN 0 WHEN months < 3 THEN 25 * (months + 1) ELSE 100 END AS ramp,
           CASE WHEN w.present THEN (units // days + CAST(nth <= units % days AS BIGINT)) * ramp ELSE 0 END AS hundredths
    FROM target t JOIN member m ON m.id = t.member_id
    JOIN worked w ON w.member_id = t.member_id AND w.workday AND w.on_date BETWEEN t.first_on AND t.last_on
    WHERE t.step = 'locked' AND t.member_id IS NOT NULL;
-- Project deals are judged over a rolling quarter: the thirteen weeks that end with this one.
CREATE TABLE spans AS SELECT monday, until, monday - 84 AS since FROM asked;
CREATE TABLE aimed AS
    SELECT o.member_id, s.monday, s.until,
           sum(CASE WHEN o.on_date BETWEEN s.since AND s.until THEN hundredths ELSE 0 END) / 100 AS target
    FROM spans s JOIN owed o ON o.first_on <= s.until AND o.last_on >= s.since GROUP BY ALL;
CREATE TABLE reached AS
    SELECT m.id AS member_id, s.monday, s.until, coalesce(sum(d.cents), 0) / 100 AS sales
    FROM spans s CROSS JOIN member m
    LEFT JOIN sold d ON d.member_id = m.id AND d.on_date BETWEEN s.since AND s.until
        AND (NOT EXISTS (FROM aimed a WHERE a.member_id = m.id AND a.monday = s.monday AND a.until = s.until)
             OR EXISTS (FROM target t WHERE t.member_id = m.id AND t.step = 'locked'
                        AND d.on_date BETWEEN t.first_on AND t.last_on))
    GROUP BY ALL;

-- A mover ranks where most days were, of two with as many in the later one.
CREATE TABLE placed AS
    SELECT member_id, monday, until, arg_max(team_id, (n, latest)) AS team_id FROM (
        SELECT w.member_id, a.monday, a.until, t.team_id, count(*) AS n, max(w.on_date) AS latest
        FROM asked a
        JOIN worked w ON w.on_date BETWEEN a.monday AND a.until AND (w.present OR (w.on_date = a.monday
            AND NOT EXISTS (FROM worked o WHERE o.member_id = w.member_id AND o.present
                            AND o.on_date BETWEEN a.monday AND a.until)))
        ASOF JOIN stay t ON t.member_id = w.member_id AND t.since <= w.on_date
        GROUP BY ALL
    ) GROUP BY ALL;

CREATE TABLE week AS
    SELECT m.id AS member_id, m.named, s.monday, s.until, p.team_id,
           r.sales, a.target, r.sales / nullif(a.target, 0) AS attainment,
           d.done, d.done * coalesce(q.factor, 1) AS completion,
           coalesce((SELECT sum(n) FROM counted c WHERE c.member_id = m.id AND c.metric = 'visits'
                     AND c.on_date BETWEEN s.monday AND s.monday + 6), 0) AS visits,
           (SELECT count(*) FROM credited c JOIN vouched v ON v.activity_id = c.id
            WHERE c.member_id = m.id AND c.kind = 'visit' AND c.monday = s.monday) AS verified,
           (SELECT count(*) FROM worked w WHERE w.member_id = m.id AND w.present
            AND w.on_date BETWEEN s.monday AND s.until
            AND EXISTS (FROM report r WHERE r.member_id = m.id AND r.on_date = w.on_date)) AS scored_days,
           s.until - m.joined_on BETWEEN 0 AND 13 AS learning,
           datediff('month', m.joined_on, s.until) < 3 AS ramping
    FROM spans s CROSS JOIN member m
    JOIN reached r ON r.member_id = m.id AND r.monday = s.monday AND r.until = s.until
    LEFT JOIN aimed a ON a.member_id = m.id AND a.monday = s.monday AND a.until = s.until
    LEFT JOIN done d ON d.member_id = m.id AND d.monday = s.monday AND d.until = s.until
    LEFT JOIN quality q ON q.member_id = m.id AND q.monday = s.monday
    LEFT JOIN placed p ON p.member_id = m.id AND p.monday = s.monday AND p.until = s.until
    WHERE m.is_rep;

-- The board: points to the cent, half-up; ties by attainment, then by the verified share, then a shared rank.
CREATE TABLE pointed AS
    SELECT w.*, w.verified / nullif(w.visits, 0) AS verified_share,
           bool_or(w.verified > 0) OVER (PARTITION BY team_id, monday, until) AS verifies,
           CASE WHEN verifies THEN 50 ELSE 62.5 END * least(w.attainment, 1.2)
               + CASE WHEN verifies THEN 30 ELSE 37.5 END * w.completion
               + CASE WHEN verifies THEN 20 ELSE 0 END * coalesce(verified_share, 0) AS exact,
           floor(exact * 100 + 0.5 + 1e-7) / 100 AS points
    FROM week w;
CREATE TABLE board AS
    SELECT member_id, team_id, monday, until, ramping, named, points,
           rank() OVER (PARTITION BY team_id, monday, until, ramping
                        ORDER BY points DESC, attainment DESC, coalesce(verified_share, 0) DESC) AS rank
    FROM pointed
    WHERE attainment IS NOT NULL AND completion IS NOT NULL AND scored_days >= 3 AND NOT learning;
CREATE TABLE total AS
    SELECT team_id, monday, until, sum(sales) / sum(target) AS total
    FROM week WHERE target > 0 GROUP BY ALL;
