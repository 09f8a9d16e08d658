-- `none` withdraws every channel: at consent_at, else now when the channel is not withdrawn yet.
-- Index: consent event by customer (the unique constraint).
WITH withdrawn AS (
    INSERT INTO customers_consentevent
        (store_id, customer_id, channel, is_granted, given_at, source, wording, recorded_at)
    SELECT w.store_id, w.id, channel, false, coalesce(w.consent_at, %(now)s), 'file', '', %(now)s
    FROM import_work w
    CROSS JOIN unnest(ARRAY['sms', 'phone', 'wechat', 'email', 'app']) AS channel
    LEFT JOIN LATERAL (
        SELECT e.is_granted FROM customers_consentevent e
        WHERE e.customer_id = w.id AND e.channel = channel.channel
        ORDER BY coalesce(e.given_at, '-infinity') DESC, e.is_granted
        LIMIT 1
    ) present ON true
    WHERE w.is_open AND w.consent = '{}'
        AND (w.consent_at IS NOT NULL OR present.is_granted IS DISTINCT FROM false)
    ON CONFLICT DO NOTHING
    RETURNING customer_id
)
INSERT INTO import_changed
SELECT DISTINCT w.id FROM withdrawn JOIN import_work w ON w.id = withdrawn.customer_id
WHERE NOT w.is_new
ON CONFLICT DO NOTHING
