# The server. Build from the root of the repository: docker build -f docker/server.Dockerfile -t dibs-server .
# Needs DATABASE_URL and DIBS_ENCRYPTION_KEY, or a volume at /data for the embedded database.
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY runner/package.json runner/
COPY dashboard/package.json dashboard/

FROM manifests AS dependencies
RUN npm ci --omit=dev --workspace=server

FROM manifests AS build
RUN npm ci
COPY tsconfig.base.json ./
COPY shared shared
COPY server server
RUN npx tsc -b server

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DIBS_DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/shared/package.json shared/package.json
COPY --from=build /app/shared/dist shared/dist
COPY --from=build /app/server/package.json server/package.json
COPY --from=build /app/server/dist server/dist
# node is a user of the base image, so PostgreSQL runs as it too
RUN install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/health/ready').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
# exec form: SIGTERM reaches the server, which then ends cleanly
# what is young when many jobs or lines pass dies young: a tenth less processor time
CMD ["node", "--max-semi-space-size=64", "server/dist/main.js"]
