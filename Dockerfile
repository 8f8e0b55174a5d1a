# Node, an init, the program, and the libraries that Node is linked to: no shell, no package manager, no root, nothing that is
# written to. deploy/README.md says how it is used. The prober's port to the kernel, koffi, is left out: here is no host to ask.

FROM node:24-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY .npmrc package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY build build
COPY demo demo
COPY src src
COPY rules rules
RUN npm run build

# What ships. The name of the libraries' folder is the architecture's.
RUN mkdir -p /image/bin /image/opt/relevel \
 && cp /usr/bin/tini-static /image/bin/tini \
 && cp "$(command -v node)" /image/bin/node \
 && ldd /image/bin/node | grep -o '/[^ ]*' | xargs cp --parents --dereference --target-directory /image \
 && cp -r dist/relevel.js dist/parts dist/package.json dist/THIRD-PARTY-LICENSES /image/opt/relevel

FROM scratch
COPY --from=build /image /
COPY LICENSE /opt/relevel/
ENV PATH=/bin
# A number: Kubernetes cannot know of a name that it is not root's.
USER 65532:65532
# The init adopts the orphans of a wrapped daemon, which Node as process 1 would never reap; it hands signals on.
ENTRYPOINT ["/bin/tini", "--", "/bin/node", "/opt/relevel/relevel.js"]
