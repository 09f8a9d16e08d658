-- Channels a row lists were agreed to at consent_at. An undated row never grants again after a
-- withdrawal. Rows are only added. Index: consent event by customer (the unique constraint).
WITH given AS (
    INSERT INTO customers_consentevent
        (store_id, customer_id, channel, is_granted, given_at, source, wording, recorded_at)
    SELECT w.store_id, w.id, channel, true, w.consent_at, 'file', '', %(now)s
    FROM import_work w
    CROSS JOIN unnest(w.consent) AS channel
    WHERE w.is_open
        AND NOT EXISTS (
            SELECT FROM customers_consentevent e
            WHERE e.customer_id = w.id AND e.channel = channel.channel
                AND (e.is_granted AND e.source = 'file'
                        AND e.given_at IS NOT DISTINCT FROM w.consent_at
                     OR NOT e.is_granted AND w.consent_at IS NULL)
        )
    ON CONFLICT DO NOTHING
    RETURNING customer_id
)
INSERT INTO import_changed
SELECT DISTINCT w.id FROM given JOIN import_work w ON w.id = given.customer_id
WHERE NOT w.is_new
ON CONFLICT DO NOTHING
