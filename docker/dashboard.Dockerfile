# The dashboard. Build from the root of the repository: docker build -f docker/dashboard.Dockerfile -t dibs-dashboard .
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY runner/package.json runner/
COPY dashboard/package.json dashboard/

FROM manifests AS dependencies
RUN npm ci --omit=dev --workspace=dashboard

FROM manifests AS build
RUN npm ci
COPY tsconfig.base.json ./
COPY shared shared
COPY dashboard dashboard
ENV NEXT_TELEMETRY_DISABLED=1
RUN npx tsc -b shared && npx next build dashboard

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DASHBOARD_PORT=3001 NEXT_TELEMETRY_DISABLED=1
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/shared shared
COPY --from=build --chown=node:node /app/dashboard dashboard
USER node
EXPOSE 3001
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.DASHBOARD_PORT+'/sign-in').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "dashboard/server.mjs"]
