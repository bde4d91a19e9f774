# docker build -t kip . && docker run --rm -p 8000:8000 kip
FROM python:3.11-slim-bookworm AS built
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /kip/.venv
ENV PATH=/kip/.venv/bin:$PATH
WORKDIR /kip
COPY requirements.lock .
RUN pip install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml kip.py LICENSE ./
COPY graph_builder graph_builder
COPY api api
RUN pip install --no-deps --no-build-isolation --no-index -e .
COPY ontology ontology
COPY shapes shapes
COPY queries queries
COPY data data
RUN kip build

FROM python:3.11-slim-bookworm
RUN useradd --system --home-dir /kip kip
COPY --from=built /kip /kip
WORKDIR /kip
ENV PATH=/kip/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER kip
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["kip", "serve", "--host", "0.0.0.0", "--port", "8000"]
