-- The tasks on a store's lists of a day, each knowing whether a colleague settles a complaint or a
-- low survey of the customer first (TASK-5): few customers have one, they are found once. Who has
-- the task may have that one too. `stores` is the reader's scope, null for every store.
-- Index: open task by store and kind.
SELECT t.id, t.owner_id, t.customer_id, t.vehicle_id, t.kind, t.priority_group, t.deadline_at,
       t.value_amount, t.opened_on,
       coalesce(s.is_nobodys OR s.first_id <> t.owner_id OR s.last_id <> t.owner_id, false)
           AS is_with_manager
FROM alerts_task t
LEFT JOIN (
    SELECT m.customer_id, bool_or(m.owner_id IS NULL) AS is_nobodys, min(m.owner_id) AS first_id,
           max(m.owner_id) AS last_id
    FROM alerts_task m
    WHERE m.closed_on IS NULL AND m.kind = ANY(%(managers)s)
        AND (%(stores)s::bigint[] IS NULL OR m.store_id = ANY(%(stores)s))
    GROUP BY m.customer_id
) s ON s.customer_id = t.customer_id
WHERE t.store_id = %(store)s AND t.closed_on IS NULL AND t.due_on <= %(on)s
    AND (%(stores)s::bigint[] IS NULL OR %(store)s = ANY(%(stores)s))
