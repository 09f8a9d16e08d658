-- The latest contacts with a customer; of those recorded here the result and the reason in our own
-- words. `stores` is the reader's scope, null for every store. Index: contact by customer.
SELECT c.happened_on, c.direction, c.channel, c.outcome, c.note, coalesce(p.name, '') AS staff,
       coalesce(o.result, '') AS result, coalesce(o.reason, '') AS reason
FROM customers_contact c
LEFT JOIN stores_staff p ON p.id = c.staff_id
LEFT JOIN alerts_outcome o ON o.contact_id = c.id
WHERE c.customer_id = %(customer)s
    AND (%(stores)s::bigint[] IS NULL OR c.store_id = ANY(%(stores)s))
ORDER BY c.happened_at DESC, c.id DESC
LIMIT %(limit)s
