-- What one person has open on the list of a day: cards, and of those that ask for a call how many
-- are obligations. A card does not ask while a colleague settles what went wrong (TASK-5).
-- `stores` is the reader's scope, null for every store.
SELECT count(DISTINCT t.customer_id) AS cards,
       count(DISTINCT t.customer_id) FILTER (WHERE NOT settled.is_elsewhere) AS calls,
       count(DISTINCT t.customer_id)
           FILTER (WHERE NOT settled.is_elsewhere AND t.priority_group = 0) AS duties
FROM alerts_task t
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM alerts_task m
        WHERE m.customer_id = t.customer_id AND m.closed_on IS NULL AND m.kind = ANY(%(managers)s)
            AND m.owner_id IS DISTINCT FROM t.owner_id
            AND (%(stores)s::bigint[] IS NULL OR m.store_id = ANY(%(stores)s))
    ) AS is_elsewhere
) settled
WHERE t.owner_id = %(owner)s AND t.closed_on IS NULL AND t.due_on <= %(on)s
    AND (%(stores)s::bigint[] IS NULL OR t.store_id = ANY(%(stores)s))
