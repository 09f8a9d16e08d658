-- A member without a customer (a car before its first owner) stays: the list is what was counted.
SELECT count(*) OVER () AS count, m.customer_id, m.vehicle_id,
       coalesce(c.name, '') AS name, coalesce(v.plate, '') AS plate,
       coalesce(v.brand || ' ' || v.model, '') AS model, coalesce(a.name, '') AS advisor, m.period,
       m.is_hit, m.amount
FROM ({members}) AS m
LEFT JOIN customers_customer c ON c.id = m.customer_id
LEFT JOIN customers_vehicle v ON v.id = m.vehicle_id
LEFT JOIN stores_staff a ON a.id = c.advisor_id
WHERE {where}
ORDER BY c.name_pinyin, c.id, m.period, m.vehicle_id
OFFSET %(first)s LIMIT %(most)s
