-- Every car and what happened to it, in date order: one car's rows lie scattered, as in real life.
INSERT INTO customers_vehicle (id, group_id, store_id, customer_id, vin, plate, brand, model,
    powertrain, delivered_on, status, status_on, received_on)
SELECT id, 1, store_id, customer_id, 'LBZCH' || lpad(id::text, 12, '0'), '',
       (ARRAY['VW', 'BYD', 'Audi', 'NIO'])[1 + id %% 4], 'Model ' || id %% 7,
       (ARRAY['ICE', 'ICE', 'ICE', 'BEV', 'PHEV'])[1 + id %% 5],
       CASE visits WHEN 0 THEN new_on ELSE last_on - visits * gap_days END,
       CASE WHEN sold THEN 'sold' ELSE 'active' END, CASE WHEN sold THEN %(as_of)s - 20 END,
       %(as_of)s - 2000
FROM bench_car, LATERAL (SELECT bench_dice(id, 9) < 0.02 AS sold) AS facts
ORDER BY id;

INSERT INTO customers_ownership (vehicle_id, customer_id, since_on, until_on)
SELECT id, former_id, NULL, last_on - 301 FROM bench_car WHERE former_id IS NOT NULL
UNION ALL
SELECT id, customer_id, CASE WHEN former_id IS NOT NULL THEN last_on - 300 END, NULL
FROM bench_car ORDER BY 1;

INSERT INTO customers_visit (store_id, vehicle_id, customer_id, work_order_no, arrived_at,
    arrived_on, status, odometer_km, is_reading_ok, is_counted, kind, amount, gross_margin,
    advisor_id, items, recommendations, received_on)
SELECT store_id, id, CASE WHEN former_id IS NOT NULL AND on_date < last_on - 300
                          THEN former_id ELSE customer_id END,
       'W' || id || '-' || n, on_date + '10:00+08:00'::timetz, on_date, 'closed',
       n * gap_days * km_a_day, true, true,
       CASE WHEN bench_dice(id * 8 + n, 10) < 0.75 THEN 'maintenance' ELSE 'repair' END,
       200 + (bench_dice(id * 8 + n, 11) * 1800)::integer,
       CASE WHEN bench_dice(id * 8 + n, 12) < 0.7
            THEN 80 + (bench_dice(id * 8 + n, 11) * 700)::integer END,
       store_id * 5 + 1 + id %% 4, 'Service', '', on_date
FROM bench_car, generate_series(1, visits) n,
     LATERAL (SELECT last_on - (visits - n) * gap_days AS on_date) AS dated
ORDER BY on_date, id;

INSERT INTO customers_survey (store_id, visit_id, vehicle_id, answered_at, answered_on, score,
    scale, satisfaction, comment, received_on)
SELECT store_id, id, vehicle_id, arrived_at + interval '1 day', arrived_on + 1, points, 100, points,
       '', arrived_on + 1
FROM customers_visit,
     LATERAL (SELECT CASE WHEN bench_dice(id, 13) < 0.08 THEN 20 ELSE 80 END
                  + (bench_dice(id, 14) * 20)::integer AS points) AS answer
WHERE bench_dice(id, 15) < 0.3 AND arrived_on < %(as_of)s
ORDER BY id;

INSERT INTO customers_complaint (store_id, external_id, vehicle_id, opened_at, opened_on, category,
    text, resolved_at, resolved_on, resolution, received_on)
SELECT store_id, 'K' || id, vehicle_id, arrived_at + interval '1 day', arrived_on + 1, 'quality',
       '', CASE WHEN settled THEN arrived_at + interval '8 days' END,
       CASE WHEN settled THEN arrived_on + 8 END, '', arrived_on + 1
FROM customers_visit,
     LATERAL (SELECT arrived_on < %(as_of)s - 60 AS settled) AS facts
WHERE bench_dice(id, 16) < 0.01 AND arrived_on < %(as_of)s
ORDER BY id;

INSERT INTO customers_contact (store_id, external_id, customer_id, vehicle_id, happened_at,
    happened_on, channel, direction, outcome, replied_on, note, received_on)
SELECT store_id, 'T' || id || '-' || n, customer_id, CASE WHEN bench_dice(i, 17) < 0.8 THEN id END,
       on_date + '11:00+08:00'::timetz, on_date, channel,
       CASE WHEN bench_dice(i, 18) < 0.08 THEN 'in' ELSE 'out' END, outcome,
       CASE WHEN outcome = 'replied' THEN on_date + 1 END, '', on_date
FROM bench_car, generate_series(1, 5) n,
     LATERAL (SELECT id * 5 + n AS i) AS numbered,
     LATERAL (SELECT %(as_of)s - (bench_dice(i, 19) * 600)::integer AS on_date,
                     (ARRAY['phone', 'phone', 'phone', 'wechat', 'wechat', 'sms'])
                         [1 + (bench_dice(i, 20) * 6)::integer %% 6] AS channel) AS sent,
     LATERAL (SELECT CASE channel
                  WHEN 'phone' THEN (ARRAY['no_answer', 'connected', 'connected', 'no_answer',
                                           'busy', 'refused'])
                      [1 + (bench_dice(i, 21) * 6)::integer %% 6]
                  WHEN 'sms' THEN 'delivered'
                  ELSE CASE WHEN bench_dice(i, 21) < 0.4 THEN 'replied' ELSE 'no_reply' END
              END AS outcome) AS answer
ORDER BY on_date, i;

-- A tenth of the cars was booked once, one in twenty is booked for the next weeks.
INSERT INTO customers_appointment (store_id, external_id, vehicle_id, starts_at, starts_on, status,
    source, created_at, created_on, received_on)
SELECT store_id, 'A' || id, id, on_date + '09:00+08:00'::timetz, on_date,
       CASE WHEN on_date > %(as_of)s THEN 'confirmed' WHEN bench_dice(id, 24) < 0.2
            THEN 'cancelled' ELSE 'completed' END,
       'phone', made_on + '09:00+08:00'::timetz, made_on, made_on
FROM bench_car,
     LATERAL (SELECT %(as_of)s + CASE WHEN bench_dice(id, 22) < 0.05
                  THEN 1 + (bench_dice(id, 23) * 20)::integer
                  ELSE -1 - (bench_dice(id, 23) * 500)::integer END AS on_date) AS booked,
     LATERAL (SELECT least(on_date - 5, %(as_of)s) AS made_on) AS made
WHERE bench_dice(id, 22) < 0.15
ORDER BY made_on, id;

INSERT INTO customers_appointmentchange (appointment_id, status, status_at, from_on)
SELECT id, 'confirmed', created_at, created_on FROM customers_appointment
UNION ALL
SELECT id, status, starts_at, starts_on FROM customers_appointment WHERE status <> 'confirmed'
ORDER BY 4, 1;

INSERT INTO customers_engagement (store_id, customer_id, month, app_opens, enquiries)
SELECT store_id, id, month, (bench_dice(id, 25) * 6)::integer, (bench_dice(id, 26) * 2)::integer
FROM customers_customer,
     generate_series(date_trunc('month', %(as_of)s) - interval '3 months',
                     date_trunc('month', %(as_of)s), interval '1 month') month
WHERE bench_dice(id, 27) < 0.5
ORDER BY month, id;
DROP TABLE bench_car;
