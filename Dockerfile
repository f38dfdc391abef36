# Stages: `wheels` fetches what the locks pin, by hash; `production` is the service; `demo` adds the stand-ins.

FROM python:3.12.11-slim-bookworm AS wheels
WORKDIR /build
COPY locks/build.txt locks/production.txt locks/demo.txt locks/
RUN for lock in build production demo; do \
        pip download --no-cache-dir --quiet --require-hashes --only-binary :all: -r locks/$lock.txt -d wheels/$lock \
        || exit 1; \
    done
COPY . source/
# The project itself is built by the pinned setuptools and by nothing that is fetched now.
RUN pip install --no-cache-dir --quiet --no-index --find-links wheels/build --require-hashes -r locks/build.txt \
    && pip wheel --no-cache-dir --quiet --no-index --no-deps --no-build-isolation -w wheels/gridhall ./source


FROM python:3.12.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/app/bin:$PATH
RUN groupadd --gid 10001 gridhall \
    && useradd --uid 10001 --gid gridhall --no-create-home --shell /usr/sbin/nologin gridhall \
    && install -d -o gridhall -g gridhall /var/lib/gridhall
WORKDIR /var/lib/gridhall
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["uvicorn", "gridhall.api.app:create_app", "--factory", "--host", "0.0.0.0", "--port", "8000", \
     "--loop", "uvloop", "--http", "httptools", "--no-access-log"]


FROM python:3.12.11-slim-bookworm AS installed
COPY --from=wheels /build/ /build/
RUN python -m venv /app \
    && /app/bin/pip install --no-cache-dir --quiet --no-index --find-links /build/wheels/production \
        --require-hashes -r /build/locks/production.txt \
    && /app/bin/pip install --no-cache-dir --quiet --no-index --no-deps /build/wheels/gridhall/*.whl


FROM python:3.12.11-slim-bookworm AS installed-demo
COPY --from=wheels /build/ /build/
RUN python -m venv /app \
    && /app/bin/pip install --no-cache-dir --quiet --no-index --find-links /build/wheels/demo \
        --require-hashes -r /build/locks/demo.txt \
    && /app/bin/pip install --no-cache-dir --quiet --no-index --no-deps /build/wheels/gridhall/*.whl


FROM base AS demo
COPY --from=installed-demo /app /app
USER gridhall


# Last, so that a build that names no stage makes this one.
FROM base AS production
COPY --from=installed /app /app
USER gridhall
