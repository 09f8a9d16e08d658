-- Customers who refuse calls and WeChat messages: no channel is left for a person (DOMAIN §9). Of a
-- channel's words the latest stands; undated it never grants again, and of two at once no wins.
-- {people} restricts `e`. Indexes: consent event by store; by customer, channel and word.
SELECT r.customer_id
FROM (
    SELECT e.customer_id, max(st.timezone) AS timezone,
           max(coalesce(e.given_at, e.recorded_at)) FILTER (WHERE e.channel = 'phone') AS phone_at,
           max(coalesce(e.given_at, e.recorded_at)) FILTER (WHERE e.channel = 'wechat') AS wechat_at
    FROM customers_consentevent e
    JOIN stores_store st ON st.id = e.store_id
    WHERE NOT e.is_granted AND e.channel IN ('phone', 'wechat') AND {people}
        AND coalesce(e.given_at, e.recorded_at)
            < (%(as_of)s + 1)::timestamp AT TIME ZONE st.timezone
    GROUP BY 1
) AS r
WHERE phone_at IS NOT NULL AND wechat_at IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM customers_consentevent g
        WHERE g.customer_id = r.customer_id AND g.channel = 'phone' AND g.is_granted
            AND g.given_at > r.phone_at
            AND g.given_at < (%(as_of)s + 1)::timestamp AT TIME ZONE r.timezone
        OFFSET 0)
    AND NOT EXISTS (
        SELECT FROM customers_consentevent g
        WHERE g.customer_id = r.customer_id AND g.channel = 'wechat' AND g.is_granted
            AND g.given_at > r.wechat_at
            AND g.given_at < (%(as_of)s + 1)::timestamp AT TIME ZONE r.timezone
        OFFSET 0)
