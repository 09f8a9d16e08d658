-- One row a person: what was recorded on a day and stands. Done with: customers who are not on the
-- person's list (again). {who} restricts `o`; `stores` is the reader's scope, null for every store.
-- Indexes: outcome by person or store and day, open task by owner.
SELECT o.staff_id,
       count(DISTINCT o.customer_id) FILTER (WHERE NOT open_again.is_back) AS done,
       count(*) FILTER (WHERE o.direction = 'out' AND o.result = ANY(%(connected)s)) AS connected,
       count(*) FILTER (WHERE o.direction = 'out' AND o.result = ANY(%(attempts)s)) AS attempts,
       count(*) FILTER (WHERE o.result = 'booked') AS booked,
       min(o.at) AS first_at,
       max(o.at) AS last_at
FROM alerts_outcome o
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM alerts_task t
        WHERE t.customer_id = o.customer_id AND t.owner_id = o.staff_id AND t.closed_on IS NULL
            AND t.due_on <= %(on)s AND (%(stores)s::bigint[] IS NULL OR t.store_id = ANY(%(stores)s))
    ) AS is_back
) open_again
WHERE o.on_date = %(on)s AND o.undone_at IS NULL AND {who}
    AND (%(stores)s::bigint[] IS NULL OR o.store_id = ANY(%(stores)s))
GROUP BY o.staff_id
