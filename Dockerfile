# SPDX-License-Identifier: GPL-3.0-or-later
# docker build -t vauchi-relay .
# The relay alone; how to run it: deploy/DEPLOYMENT.md, "In a container".

FROM docker.io/library/debian:bookworm-slim AS build
WORKDIR /src
# By itself, so that a change of the sources does not install the compiler again.
COPY deploy/dependencies.sh deploy/
RUN . deploy/dependencies.sh \
    && apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        $(need_packages build)
COPY . .
RUN cmake --preset release -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF -DRELAY_BUILD_ADMIN=OFF \
    && cmake --build --preset release --target vauchi-relay \
    && strip build/release/bin/vauchi-relay

FROM docker.io/library/debian:bookworm-slim
# ca-certificates: for `vauchi-relay probe wss://…`. /data belongs to everybody until the relay
# starts, which makes it its own: under another --user a new volume has the rights that stand here.
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        ca-certificates libjemalloc2 libprometheus-cpp-core1.0 libqt6sql6-psql libqt6sql6-sqlite \
        libqt6websockets6 libsimdjson14 libssl3 libsystemd0 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
    && groupadd --gid 1000 vauchi \
    && useradd --uid 1000 --gid vauchi --home-dir /data --no-create-home \
        --shell /usr/sbin/nologin vauchi \
    && install -d -m 1777 -o vauchi -g vauchi /data
COPY --from=build /src/build/release/bin/vauchi-relay /usr/local/bin/
COPY LICENSE /usr/share/doc/vauchi-relay/copyright
LABEL org.opencontainers.image.title="vauchi-relay" \
      org.opencontainers.image.description="Store-and-forward relay for end-to-end encrypted contact cards" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="GPL-3.0-or-later" \
      org.opencontainers.image.vendor="Vauchi"
# The program's own default, for a shell in the container.
ENV RELAY_DATA_DIR=/data
USER 1000:1000
VOLUME /data
# WebSocket, for clients; health and metrics, for the operator.
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["vauchi-relay", "healthcheck"]
ENTRYPOINT ["vauchi-relay"]
