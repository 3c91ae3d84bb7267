#!/usr/bin/env bash
# The whole journey through clients generated from openapi.yaml: journey.sh <base url> <key file>
# Without arguments, it only generates the clients and imports the Python one.
set -euo pipefail

here=$(cd -P "$(dirname "$0")" && pwd)
root=$(cd -P "$here/../../.." && pwd)
work=$root/target/client
generator=$work/openapi-generator-cli.jar
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

mkdir -p "$work"
if [ ! -f "$generator" ]; then
  (cd "$root" && ./mvnw -q -B dependency:copy -Dartifact=org.openapitools:openapi-generator-cli:7.25.0 \
    -DoutputDirectory=target/client -Dmdep.stripVersion=true)
fi

generate() { # generate <generator> <folder> [option…]
  rm -rf "${work:?}/$2"
  "$java" -jar "$generator" generate -i "$root/openapi.yaml" -g "$1" -o "$work/$2" "${@:3}" >"$work/$2.log" 2>&1 ||
    { tail -n 30 "$work/$2.log" >&2; exit 1; }
  if grep ERROR "$work/$2.log"; then echo "journey: the $1 client was generated with errors" >&2; exit 1; fi
}

generate python python --package-name anneal_client --additional-properties=projectName=anneal-client
# Without skipFormModel=false, the generator imports ModelUpload without writing it.
generate typescript-fetch typescript --global-property skipFormModel=false
echo "generated the Python and the TypeScript client"

if command -v npx >/dev/null; then
  npx --yes -p typescript@5.9.3 tsc --noEmit --strict --target es2020 --lib es2020,dom --moduleResolution node \
    "$work/typescript/index.ts"
  echo "compiled the TypeScript client"
fi

[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$work/python"
"$work/venv/bin/pip" install -q --disable-pip-version-check "$work/python"
"$work/venv/bin/python" -c 'import anneal_client, anneal_client.models'
echo "installed the Python client"

[ $# -eq 0 ] || exec "$work/venv/bin/python" "$here/journey.py" "$@"
