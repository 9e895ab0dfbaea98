# syntax=docker/dockerfile:1
# One process of Dealpace. Alone it keeps an SQLite file in /data; compose.yaml runs two on PostgreSQL.
FROM python:3.11.13-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
# The libraries first: they change less often than the bot.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-project
COPY README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY domain domain
COPY storage storage
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data dealpace && install -d -o dealpace -m 750 /data /data/files
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DEALPACE_DATABASE_URL=sqlite:////data/dealpace.db \
    DEALPACE_FILES=/data/files \
    DEALPACE_LISTEN=0.0.0.0:8080 \
    DEALPACE_LOG_FORMAT=json
USER dealpace
WORKDIR /data
VOLUME /data
EXPOSE 8080
# It drains and is out within 25 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["dealpace"]
CMD ["run"]
