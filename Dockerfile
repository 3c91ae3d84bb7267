# One image for api, worker and inference; `--roles` selects. Not built on the authors' machines, which have no container
# engine.
#   docker build -t anneal .
#   docker build -t anneal:cuda --target cuda .      # for GPUs

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

FROM eclipse-temurin:17-jre-noble AS app
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
ENTRYPOINT ["java", "-XX:+ExitOnOutOfMemoryError", "-jar", "/app/anneal.jar", "serve"]

# Of PyTorch and its nvidia packages, only the libraries are needed: see anneal.torch.home in docs/operations.md.
FROM python:3.12-slim AS torch
RUN pip install --no-cache-dir --no-compile --target=/opt/torch torch==2.7.1

FROM app AS cuda
COPY --from=torch /opt/torch/torch/version.py /opt/torch/torch/version.py
COPY --from=torch /opt/torch/torch/lib /opt/torch/torch/lib
COPY --from=torch /opt/torch/nvidia /opt/torch/nvidia
COPY --from=torch /opt/torch/cusparselt /opt/torch/cusparselt
# The variables of NVIDIA make the container toolkit provide GPUs and the driver's libraries.
ENV ANNEAL_TORCH_HOME=/opt/torch NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

# The last stage is the default.
FROM app
