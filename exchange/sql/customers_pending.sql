-- Customers whose referrer comes later in the file; of a row that was there that is a change.
WITH pending AS (
    INSERT INTO import_pending
    SELECT line FROM import_work w
    WHERE w.referred_by IS NOT NULL AND w.referrer_id IS NULL
    RETURNING line
)
INSERT INTO import_changed
SELECT w.id FROM import_work w JOIN pending USING (line)
WHERE NOT w.is_new AND w.is_open
ON CONFLICT DO NOTHING
