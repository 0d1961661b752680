# One image for everything; the command picks the service.
# docker build --build-arg PIP_INDEX_URL=<your package index> . where a mirror is needed.
FROM python:3.11.13-slim-bookworm AS build
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUTF8=1
WORKDIR /src
RUN python -m venv /opt/xinfang
COPY requirements-image.lock ./
RUN /opt/xinfang/bin/pip install --require-hashes -r requirements-image.lock
COPY pyproject.toml README.md ./
COPY migrations migrations
COPY shared shared
COPY services services
RUN /opt/xinfang/bin/pip install --no-deps --no-build-isolation .
RUN /opt/xinfang/bin/python -m compileall -q /opt/xinfang/lib

FROM python:3.11.13-slim-bookworm
ENV PATH=/opt/xinfang/bin:$PATH PYTHONUTF8=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Fresh volumes take over the owner of these folders, so that no container needs to be root.
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/xinfang --shell /usr/sbin/nologin xinfang \
    && mkdir -p /var/lib/xinfang/data /issuer /public /definitions \
    && chown -R xinfang:xinfang /var/lib/xinfang /issuer /public /definitions
COPY --from=build /opt/xinfang /opt/xinfang
USER 10001:10001
WORKDIR /var/lib/xinfang
ENV XINFANG_DATA_DIR=/var/lib/xinfang/data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["xinfang", "serve", "--host", "0.0.0.0"]
