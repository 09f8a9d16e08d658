-- TASK-5: the lost customers whom one specialist calls. Shared out by their id, modulo the
-- specialists present at the store; nobody's where the person is not among them. Winning back is
-- marketing: it needs consent given (DOMAIN §9). Indexes: customer state by store and stage; task,
-- outcome, vehicle state and consent by customer. Written so that a LIMIT without an order ends with
-- the first customers found.
SELECT s.customer_id
FROM (
    SELECT h.store_id, count(*) AS size, count(*) FILTER (WHERE m.code < %(code)s) AS place
    FROM stores_staffstore h
    JOIN stores_staff m ON m.id = h.staff_id
    WHERE h.store_id = ANY(%(stores)s::bigint[]) AND m.role = 'specialist' AND m.is_active
        AND NOT EXISTS (
            SELECT FROM stores_absence a
            WHERE a.staff_id = m.id AND {day} BETWEEN a.starts_on AND a.ends_on)
    GROUP BY h.store_id
    HAVING bool_or(m.id = %(staff)s)
) AS team
JOIN lifecycle_customerstate s ON s.store_id = team.store_id
    AND mod(s.customer_id, team.size) = team.place
JOIN customers_customer c ON c.id = s.customer_id
WHERE s.stage = 'lost' AND {who}
    AND c.phone_index <> '' AND NOT c.is_phone_dead
    AND c.erased_on IS NULL AND c.merged_into_id IS NULL
    AND EXISTS (
        SELECT FROM lifecycle_vehiclestate v
        WHERE v.customer_id = s.customer_id AND v.is_lost AND NOT v.is_gone
        OFFSET 0)
    AND NOT EXISTS (
        SELECT FROM lifecycle_vehiclestate v
        WHERE v.customer_id = s.customer_id AND v.is_booked AND NOT v.is_gone
        OFFSET 0)
    AND NOT EXISTS (
        SELECT FROM alerts_task t
        WHERE t.customer_id = s.customer_id AND t.closed_on IS NULL
        OFFSET 0)
    AND NOT EXISTS (
        SELECT FROM alerts_outcome o
        WHERE o.customer_id = s.customer_id AND o.undone_at IS NULL
            AND o.on_date > {day} - %(rest)s::integer
        OFFSET 0)
    -- The order of customers.selectors.consents: an undated yes never wins.
    AND (
        SELECT e.is_granted
        FROM customers_consentevent e
        WHERE e.customer_id = s.customer_id AND e.channel = 'phone'
        ORDER BY coalesce(e.given_at, CASE WHEN NOT e.is_granted THEN e.recorded_at END)
            DESC NULLS LAST, e.is_granted
        LIMIT 1)
{order}
LIMIT %(limit)s
