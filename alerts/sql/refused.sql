-- Customers who refuse calls and WeChat messages: no channel is left for a person (DOMAIN §9). Of a
-- channel's words the latest stands; undated it never grants again, and of two at once no wins.
-- {people} restricts `e`. Indexes: consent event by store, and by customer.
SELECT e.customer_id
FROM customers_consentevent e
JOIN stores_store st ON st.id = e.store_id,
LATERAL (
    SELECT coalesce(e.given_at, CASE WHEN e.is_granted THEN '-infinity' ELSE e.recorded_at END)
) AS word(at)
WHERE e.channel IN ('phone', 'wechat') AND {people}
    AND coalesce(e.given_at, e.recorded_at) < (%(as_of)s + 1)::timestamp AT TIME ZONE st.timezone
GROUP BY 1
HAVING max(at) FILTER (WHERE channel = 'phone' AND NOT is_granted)
        >= coalesce(max(at) FILTER (WHERE channel = 'phone' AND is_granted), '-infinity')
    AND max(at) FILTER (WHERE channel = 'wechat' AND NOT is_granted)
        >= coalesce(max(at) FILTER (WHERE channel = 'wechat' AND is_granted), '-infinity')
