#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The Helm chart: lint, what it renders for many values (helmchart.py), and that Kubernetes' own types
# take it (kubetypes/). Helm and these types come from the Go module proxy, into build/tools/go.
# There is no cluster: what an API server or a kubelet does with it is not tested.
# Usage: sh tests/deploy/helm.sh SOURCE_ROOT BIN_DIR
set -eu
root=$1
bin=$2
version=v3.19.0
tools=$root/build/tools/go

skip() {
    echo "SKIPPED: the Helm chart was not tested: $1"
    exit 77
}

if ! python3 -c 'import yaml' 2>/dev/null; then
    # shellcheck source=deploy/dependencies.sh
    . "$root/deploy/dependencies.sh"
    run_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends python3-yaml || skip "python3-yaml is missing"
fi
command -v go >/dev/null || [ -x "$tools/helm-$version" ] || command -v helm >/dev/null \
    || skip "there is neither helm nor Go"

mkdir -p "$tools"
if [ -x "$tools/helm-$version" ]; then
    helm=$tools/helm-$version
elif command -v go >/dev/null; then
    # Helm's own releases say with these which Kubernetes "helm template" is to suppose.
    x=helm.sh/helm/v3/pkg
    GOBIN=$tools go install -ldflags "-s -w \
-X $x/chartutil.k8sVersionMajor=1 -X $x/chartutil.k8sVersionMinor=34 \
-X $x/lint/rules.k8sVersionMajor=1 -X $x/lint/rules.k8sVersionMinor=34" \
        "helm.sh/helm/v3/cmd/helm@$version" || skip "helm $version could not be built"
    mv "$tools/helm" "$tools/helm-$version"
    helm=$tools/helm-$version
else
    helm=$(command -v helm)
fi

kubetypes=
if command -v go >/dev/null; then
    if go build -C "$root/tests/deploy/kubetypes" -o "$tools/kubetypes" .; then
        kubetypes=$tools/kubetypes
    fi
fi
[ -n "$kubetypes" ] || echo "kubetypes cannot be built here: fields are not compared with Kubernetes' types"

exec python3 "$root/tests/deploy/helmchart.py" "$root" "$bin/vauchi-relay" "$helm" "$kubetypes"
