-- Links referrers that came later in the file than those they referred.
-- Index: customer by store and number.
UPDATE customers_customer t
SET referred_by_id = r.id
FROM import_pending p
JOIN import_stage s USING (line)
JOIN customers_customer r ON r.store_id = s.store_id AND r.external_id = s.referred_by
WHERE t.store_id = s.store_id AND t.external_id = s.external_id
    AND t.erased_on IS NULL AND t.referred_by_id IS DISTINCT FROM r.id
