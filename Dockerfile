# One image per service: docker build --build-arg APP=ping -t guaita/ping .
# The images differ in their code alone, so they share every layer but the last.

# A Debian with Node.js 24 (and npm, where the bundles are made here).
ARG BASE=node:24-bookworm-slim
# Where the bundles come from: `bundle` makes them in the image's own build, `prebuilt` takes those of `npm run bundle`.
ARG BUNDLES=bundle

FROM ${BASE} AS bundle
WORKDIR /src
COPY . .
# Without install scripts: the base has Node.js, and esbuild needs none.
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node tools/bundle/src/main.ts

FROM scratch AS prebuilt
COPY dist /src/dist

FROM ${BUNDLES} AS bundles

FROM ${BASE}
# fping pings as an ordinary user by its file capability; tini hands signals on and reaps fping processes. The broker and
# the keeper of the floating IP run from this image too, and are asked whether they are well by mosquitto_sub.
RUN if ! (for program in fping tini setcap mosquitto mosquitto_sub keepalived; do command -v "${program}" || exit 1; done); then \
      apt-get update \
      && apt-get install -y --no-install-recommends fping tini libcap2-bin mosquitto mosquitto-clients keepalived \
      && rm -rf /var/lib/apt/lists/*; \
    fi \
  && setcap cap_net_raw+ep "$(command -v fping)" \
  # A new volume takes its owner from here: the services' state, the broker's, and where the broker's socket is.
  && install -d -o 10001 -g 10001 /data /var/lib/mosquitto /run/guaita \
  # For what is written at each start: where a folder is there, a tmpfs takes its mode from it, and at a restart else none.
  && install -d -m 1777 /run/guaita-mosquitto /run/guaita-keepalived

ARG APP
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="guaita-${APP}" \
      org.opencontainers.image.description="Guaita, a distributed, decentralised network monitor: the ${APP} service" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"

ENV NODE_ENV=production GUAITA_DATA=/data
WORKDIR /opt/guaita
COPY --from=bundles /src/dist/${APP}/ ./
RUN ln -s "${APP}.mjs" service.mjs

USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GUAITA_HTTP_PORT || 7480}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# V8 gives its young generation a multiple of the semi-space and never gives it back: 4 MB keeps a service small.
# Where little happens V8 collects everything every two minutes, for a few megabytes: half of what an idle service costs.
ENTRYPOINT ["tini", "--", "node", "--max-semi-space-size=4", "--no-memory-reducer", "--enable-source-maps", "/opt/guaita/service.mjs"]
