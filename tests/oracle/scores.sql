-- Scorecards of reps from raw rows, written from the method's text (sections 2, 6 and 9), by the card that ships:
-- sales 40, collection 15, satisfaction 15, new customers 15, plan completion 15. It follows weeks.sql.

-- Collection over 90 days: what fell due and was not paid before, and what of it came in; the oldest due is paid first.
-- What no instalment covers is due 30 days after the deal was won.
CREATE TABLE due AS
    SELECT i.deal_id, i.amount, i.due_on, i.id FROM instalment i
    UNION ALL
    SELECT d.id, d.amount - coalesce((SELECT sum(i.amount) FROM instalment i WHERE i.deal_id = d.id), 0) AS rest,
           d.closed_on + 30, 0
    FROM deal d WHERE d.state = 'won' AND d.amount > coalesce((SELECT sum(i.amount) FROM instalment i WHERE i.deal_id = d.id), 0);
CREATE TABLE settled AS
    SELECT q.*, d.owner_id AS member_id, a.monday, a.until, d.closed_on,
           sum(q.amount) OVER earlier - q.amount AS ahead,
           coalesce((SELECT sum(p.amount) FROM payment p WHERE p.deal_id = q.deal_id AND p.on_date < a.until - 89), 0) AS before,
           coalesce((SELECT sum(p.amount) FROM payment p WHERE p.deal_id = q.deal_id AND p.on_date <= a.until), 0) AS by_now
    FROM due q JOIN deal d ON d.id = q.deal_id AND d.state = 'won' CROSS JOIN asked a
    WINDOW earlier AS (PARTITION BY q.deal_id, a.monday, a.until ORDER BY q.due_on, q.id);
CREATE TABLE collection AS
    SELECT member_id, monday, until, 100 * sum(now_paid - was_paid) / sum(amount - was_paid) AS actual FROM (
        SELECT *, least(amount, greatest(0, before - ahead)) AS was_paid,
               least(amount, greatest(0, by_now - ahead)) AS now_paid
        FROM settled WHERE due_on <= until AND closed_on <= until
    ) GROUP BY ALL HAVING sum(amount - was_paid) > 0;
CREATE TABLE satisfaction AS
    SELECT r.member_id, a.monday, a.until, 100 * count(*) FILTER (WHERE r.value >= 4) / count(*) AS actual
    FROM rating r JOIN asked a ON r.on_date BETWEEN a.until - 89 AND a.until GROUP BY ALL;

-- New customers: the first of a customer's deals to reach the second milestone, where it went back the last time it did.
CREATE TABLE crossed AS
    SELECT d.id, d.customer_id, d.owner_id AS member_id,
           coalesce((SELECT min(p.entered_on) FROM passage p WHERE p.deal_id = d.id AND p.milestone >= 2
                     AND p.id > coalesce((SELECT max(b.id) FROM passage b WHERE b.deal_id = d.id AND b.milestone < 2), 0)),
                    d.entered_on) AS on_date
    FROM deal d WHERE d.milestone >= 2 AND NOT d.imported;
CREATE TABLE newcomer AS
    SELECT customer_id, arg_min(member_id, (on_date, id)) AS member_id, min(on_date) AS on_date FROM crossed GROUP BY ALL;
CREATE TABLE behind AS
    SELECT w.member_id, a.monday, a.until, count(*) FILTER (WHERE w.present AND w.on_date <= a.until) AS present,
           count(*) FILTER (WHERE w.workday) AS working
    FROM asked a JOIN worked w ON date_trunc('month', w.on_date) = date_trunc('month', a.until) GROUP BY ALL;
-- Two a month against pace, one in the first learning week: by the days present so far of the month's working days.
CREATE TABLE fresh AS
    SELECT b.member_id, b.monday, b.until,
           (SELECT count(*) FROM newcomer n WHERE n.member_id = b.member_id
            AND n.on_date BETWEEN date_trunc('month', b.until) AND b.until) AS actual,
           CASE WHEN b.until - m.joined_on BETWEEN 0 AND 6 THEN 1 ELSE 2 END * b.present / b.working AS target
    FROM behind b JOIN member m ON m.id = b.member_id;

CREATE TABLE measured AS
    SELECT w.member_id, w.monday, w.until, 'sales' AS kpi, 40 AS weight, w.sales / nullif(w.target, 0) AS ratio FROM week w
    UNION ALL SELECT member_id, monday, until, 'plan_completion', 15, completion / 0.9 FROM week
    UNION ALL SELECT member_id, monday, until, 'collection', 15, actual / 95 FROM collection
    UNION ALL SELECT member_id, monday, until, 'satisfaction', 15, actual / 90 FROM satisfaction
    UNION ALL SELECT member_id, monday, until, 'new_customers', 15, actual / nullif(target, 0) FROM fresh;
-- min(ratio, 1.20) x 100; what is excused or not set up renormalises; a week away is excused as a whole.
CREATE TABLE scored AS
    SELECT l.*, least(l.ratio, 1.2) * 100 AS score FROM measured l
    JOIN attendance t ON t.member_id = l.member_id AND t.monday = l.monday AND t.until = l.until AND t.present > 0
    WHERE l.ratio IS NOT NULL;
CREATE TABLE card AS
    SELECT member_id, monday, until, floor(sum(weight * score) / sum(weight) * 100 + 0.5 + 1e-7) / 100 AS total
    FROM scored GROUP BY ALL;
