-- What one person has open on the list of a day: cards, and of those that ask for a call how many
-- are obligations. A card does not ask while a colleague settles what went wrong (TASK-5).
-- `is_listed`: whether `customer` is among them. Those with something to settle are few: found once.
-- `stores` is the reader's scope, null for every store.
SELECT count(DISTINCT t.customer_id) AS cards,
       count(DISTINCT t.customer_id) FILTER (WHERE settled.customer_id IS NULL) AS calls,
       count(DISTINCT t.customer_id)
           FILTER (WHERE settled.customer_id IS NULL AND t.priority_group = 0) AS duties,
       coalesce(bool_or(t.customer_id = %(customer)s::bigint), false) AS is_listed
FROM alerts_task t
LEFT JOIN (
    SELECT DISTINCT m.customer_id
    FROM alerts_task m
    WHERE m.closed_on IS NULL AND m.kind = ANY(%(managers)s)
        AND m.owner_id IS DISTINCT FROM %(owner)s
        AND (%(stores)s::bigint[] IS NULL OR m.store_id = ANY(%(stores)s))
) settled USING (customer_id)
WHERE t.owner_id = %(owner)s AND t.closed_on IS NULL AND t.due_on <= %(on)s
    AND (%(stores)s::bigint[] IS NULL OR t.store_id = ANY(%(stores)s))
