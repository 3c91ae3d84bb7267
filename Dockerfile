# One image for api, worker and inference; `--roles` selects. Not built on the authors' machines, which have no container
# engine.
#   docker build -t anneal .
#   docker build -t anneal:cuda --build-arg RUNTIME=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04 .
ARG RUNTIME=eclipse-temurin:17-jre-noble

FROM eclipse-temurin:17-jdk-noble AS build
WORKDIR /src
COPY .mvn .mvn
COPY mvnw pom.xml ./
RUN ./mvnw -B -ntp -q dependency:go-offline
COPY openapi.yaml ./
COPY db db
COPY src/main src/main
RUN ./mvnw -B -ntp -q -Dmaven.test.skip=true -Dspotless.check.skip package \
    && java -Djarmode=tools -jar target/anneal.jar extract --layers --destination target/layers

FROM ${RUNTIME}
# The CUDA image has no Java. DJL downloads libtorch for CUDA at the first start, which needs the network.
RUN command -v java >/dev/null || (apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/*)
# libtorch needs libgomp (OpenMP).
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 anneal && useradd --system --create-home --uid 10001 --gid 10001 anneal && mkdir /data && chown anneal /data
WORKDIR /app
COPY --from=build /src/target/layers/dependencies/ ./
COPY --from=build /src/target/layers/snapshot-dependencies/ ./
COPY --from=build /src/target/layers/application/ ./
# A number, so that Kubernetes can check that it is not root.
USER 10001:10001
ENV ANNEAL_DATA=/data ANNEAL_HOST=0.0.0.0 OMP_WAIT_POLICY=PASSIVE MALLOC_MMAP_THRESHOLD_=1048576 DJL_CACHE_DIR=/data/engine
VOLUME /data
EXPOSE 8420
# The image has no curl, so bash opens the socket.
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=6 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${ANNEAL_PORT:-8420} && printf 'GET /actuator/health/readiness HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["java", "-jar", "/app/anneal.jar", "serve"]
