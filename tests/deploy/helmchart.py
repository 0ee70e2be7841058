# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Helm chart renders. Called by helm.sh: ROOT RELAY HELM KUBETYPES"""
import json, os, re, subprocess, sys, tempfile, unittest
import yaml

ROOT, RELAY, HELM, KUBETYPES = sys.argv[1:5]
CHART = "deploy/helm/vauchi-relay"
# Set by the chart itself, or given as a Secret.
OWN = {"RELAY_LISTEN_ADDR", "RELAY_HTTP_ADDR", "RELAY_DATA_DIR",
       "RELAY_METRICS_TOKEN", "RELAY_NOISE_STATIC_KEY", "RELAY_POSTGRES_URL"}
GUIDE = """--set ingress.enabled=true
  --set ingress.hosts[0].host=relay.vauchi.example.com
  --set ingress.tls[0].secretName=vauchi-relay-tls
  --set ingress.tls[0].hosts[0]=relay.vauchi.example.com""".split()
EVERYTHING = {
    "metricsToken": {"existingSecret": "token"}, "noiseKey": {"existingSecret": "key"},
    "ingress": {"enabled": True, "hosts": [{"host": "a.example"}]},
    "monitoring": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}},
    "networkPolicy": {"enabled": True, "clients": [{"podSelector": {}}],
                      "monitoring": [{"podSelector": {}}]},
    "podDisruptionBudget": {"enabled": True}, "podLabels": {"app": "x", "team": "blue"},
    "nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}],
    "imagePullSecrets": [{"name": "r"}], "serviceAccountName": "s", "priorityClassName": "p"}
# Three relays on one server.
CLUSTER = {"replicaCount": 3, "config": {"storageBackend": "postgres"},
           "postgres": {"existingSecret": "server", "caKey": "ca"},
           "noiseKey": {"existingSecret": "key"}}


def helm(*args, name="template"):
    return subprocess.run([HELM, name, *args], cwd=ROOT, capture_output=True, text=True)


def run(args, values):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values or {}, file)
        file.flush()
        return helm("vauchi-relay", CHART, "-f", file.name, *args)


def render(*args, values=None):
    """The manifests by kind and name."""
    result = run(args, values)
    assert result.returncode == 0, result.stderr
    if KUBETYPES:
        types = subprocess.run([KUBETYPES], input=result.stdout, capture_output=True, text=True)
        assert types.returncode == 0, types.stdout
    return {(m["kind"], m["metadata"]["name"]): m
            for m in yaml.safe_load_all(result.stdout) if m}


def workload(manifests):
    (found,) = (m for (kind, _), m in manifests.items() if kind in ("StatefulSet", "Deployment"))
    return found["spec"]


def pod(manifests):
    return workload(manifests)["template"]["spec"]


def environment(manifests):
    return {e["name"]: e["value"] for e in pod(manifests)["containers"][0]["env"]}


def variable(key):
    return "RELAY_" + re.sub("([A-Z])", r"_\1", key).upper()


def relay(command, env):
    return subprocess.run([RELAY, command], env=env, capture_output=True, text=True)


def schema():
    with open(f"{ROOT}/{CHART}/values.schema.json") as file:
        return json.load(file)["properties"]


class Chart(unittest.TestCase):
    def test_lints(self):
        for values in ({}, EVERYTHING, EVERYTHING | CLUSTER):
            with tempfile.NamedTemporaryFile("w") as file:
                yaml.safe_dump(values, file)
                file.flush()
                result = helm("--strict", CHART, "-f", file.name, name="lint")
            self.assertEqual(result.returncode, 0, result.stdout)

    def test_takes_the_guides_command(self):
        ingress = render(*GUIDE)["Ingress", "vauchi-relay"]["spec"]
        (rule,) = ingress["rules"]
        (path,) = rule["http"]["paths"]
        self.assertEqual(rule["host"], "relay.vauchi.example.com")
        self.assertEqual((path["path"], path["pathType"]), ("/", "Prefix"))
        self.assertEqual(path["backend"]["service"],
                         {"name": "vauchi-relay", "port": {"name": "websocket"}})
        self.assertEqual(ingress["tls"], [{"secretName": "vauchi-relay-tls",
                                           "hosts": ["relay.vauchi.example.com"]}])

    def test_everything_optional_is_off(self):
        self.assertEqual({kind for kind, _ in render()}, {"StatefulSet", "Service", "Pod"})
        self.assertEqual({kind for kind, _ in render(values=EVERYTHING)},
                         {"StatefulSet", "Service", "Pod", "Ingress", "NetworkPolicy",
                          "PodDisruptionBudget", "ServiceMonitor", "PrometheusRule"})
        self.assertEqual({kind for kind, _ in render(values=CLUSTER)},
                         {"Deployment", "Service", "Pod"})

    def test_refuses_what_cannot_work(self):
        for args, reason in (
                ("replicaCount=2", "'/replicaCount': maximum"),
                ("replicaCount=x", "'/replicaCount': got string"),
                ("replicaCount=-1", "'/replicaCount': minimum"),
                ("replicaCount=2,config.storageBackend=memory", "'/replicaCount': maximum"),
                ("config.storageBackend=mysql", "'/config/storageBackend': value must be one of"),
                ("config.storageBackend=postgres", "'/postgres/existingSecret': minLength"),
                ("config.storageBackend=postgres", "'/noiseKey/existingSecret': minLength"),
                ("config.storageBackend=postgres,postgres.existingSecret=s",
                 "'/noiseKey/existingSecret': minLength"),
                ("config.storageBackend=postgres,noiseKey.existingSecret=s",
                 "'/postgres/existingSecret': minLength"),
                ("config.postgresUrl=x", "additional properties 'postgresUrl' not allowed"),
                ("config.maxConnection=5", "additional properties 'maxConnection' not allowed"),
                ("config.metricsToken=secret", "additional properties 'metricsToken' not allowed"),
                ("nonsense=1", "additional properties 'nonsense' not allowed"),
                ("config.maxConnections=many", "'/config/maxConnections': got string"),
                ("config.maxConnections=0", "'/config/maxConnections': minimum"),
                ("service.port=0", "'/service/port': minimum"),
                ("service.type=ExternalName", "'/service/type': value must be one of"),
                ("ingress.enabled=true", "'/ingress/hosts': minItems"),
                ("ingress.enabled=yes", "'/ingress/enabled': got string"),
                ("persistence.accessMode=ReadWriteMany", "'/persistence/accessMode': value must be"),
                ("terminationGracePeriodSeconds=5", "has to be config.drainSecs (5) and 3 at least")):
            with self.subTest(args):
                result = run(("--set", args), None)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(reason, result.stderr)

    def test_pods_are_restricted(self):
        manifests = render(values=EVERYTHING)
        for spec in (pod(manifests), pod(render(values=EVERYTHING | CLUSTER)),
                     manifests["Pod", "vauchi-relay-probe"]["spec"]):
            self.assertIs(spec["enableServiceLinks"], False)
            self.assertIs(spec["automountServiceAccountToken"], False)
            self.assertIs(spec["securityContext"]["runAsNonRoot"], True)
            self.assertEqual(spec["securityContext"]["runAsUser"], 1000)
            self.assertEqual(spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertEqual(spec["containers"][0]["securityContext"], {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]}})
        self.assertEqual(pod(manifests)["securityContext"]["fsGroup"], 1000)

    def test_labels_and_selectors_fit(self):
        for values in (EVERYTHING, EVERYTHING | CLUSTER):
            with self.subTest(values.get("config")):
                self.labels_and_selectors_fit(render(values=values))

    def labels_and_selectors_fit(self, manifests):
        labels = workload(manifests)["template"]["metadata"]["labels"]
        self.assertLessEqual(workload(manifests)["selector"]["matchLabels"].items(), labels.items())
        self.assertEqual((labels["app"], labels["team"]), ("vauchi-relay", "blue"))
        probe = manifests["Pod", "vauchi-relay-probe"]["metadata"]["labels"]
        for name, port in (("vauchi-relay", 8080), ("vauchi-relay-monitoring", 8081)):
            service = manifests["Service", name]["spec"]
            self.assertEqual([p["port"] for p in service["ports"]], [port])
            self.assertLessEqual(service["selector"].items(), labels.items())
            self.assertFalse(service["selector"].items() <= probe.items())
        monitor = manifests["ServiceMonitor", "vauchi-relay"]["spec"]
        wanted = monitor["selector"]["matchLabels"].items()
        self.assertEqual([n for (k, n), m in manifests.items() if k == "Service"
                          and wanted <= m["metadata"]["labels"].items()],
                         ["vauchi-relay-monitoring"])
        self.assertEqual(manifests["Service", "vauchi-relay-monitoring"]["metadata"]["labels"][
            monitor["jobLabel"]], "vauchi-relay")
        self.assertEqual(monitor["endpoints"][0]["authorization"],
                         {"credentials": {"name": "token", "key": "token"}})

    def test_probes(self):
        container = pod(render())["containers"][0]
        self.assertEqual([container[p]["httpGet"] for p in
                          ("startupProbe", "livenessProbe", "readinessProbe")],
                         [{"path": p, "port": "monitoring"} for p in ("/health", "/health", "/ready")])

    def test_grace_is_over_the_drain(self):
        self.assertEqual(pod(render())["terminationGracePeriodSeconds"], 15)
        self.assertEqual(pod(render("--set", "config.drainSecs=60"))
                         ["terminationGracePeriodSeconds"], 70)

    def test_storage(self):
        def volumes(**values):
            manifests = render(values=values)
            return ("volumeClaimTemplates" in manifests["StatefulSet", "vauchi-relay"]["spec"],
                    pod(manifests).get("volumes"))
        self.assertEqual(volumes(), (True, None))
        self.assertEqual(volumes(config={"storageBackend": "memory"}), (False, None))
        self.assertEqual(volumes(persistence={"enabled": False}),
                         (False, [{"name": "data", "emptyDir": {}}]))
        self.assertEqual(volumes(persistence={"existingClaim": "c"}), (
            False, [{"name": "data", "persistentVolumeClaim": {"claimName": "c"}}]))

    def test_relays_on_postgresql(self):
        manifests = render(values=EVERYTHING | CLUSTER)
        spec = manifests["Deployment", "vauchi-relay"]["spec"]
        self.assertEqual(spec["replicas"], 3)
        self.assertEqual(spec["strategy"], {"type": "RollingUpdate", "rollingUpdate": {
            "maxUnavailable": 0, "maxSurge": 1}})
        self.assertEqual(manifests["PodDisruptionBudget", "vauchi-relay"]["spec"]["maxUnavailable"], 1)
        self.assertEqual([(c["topologyKey"], c["whenUnsatisfiable"]) for c in
                          pod(manifests)["topologySpreadConstraints"]],
                         [("kubernetes.io/hostname", "ScheduleAnyway"),
                          ("topology.kubernetes.io/zone", "ScheduleAnyway")])
        for constraint in pod(manifests)["topologySpreadConstraints"]:
            self.assertEqual(constraint["labelSelector"], spec["selector"])
        # Nothing of its own, and every secret where its variable says.
        (volume,) = pod(manifests)["volumes"]
        (mount,) = pod(manifests)["containers"][0]["volumeMounts"]
        self.assertEqual((volume["name"], mount["name"]), ("secrets", "secrets"))
        files = {f"{mount['mountPath']}/{item['path']}": (source["secret"]["name"], item["key"])
                 for source in volume["projected"]["sources"] for item in source["secret"]["items"]}
        env = environment(manifests)
        self.assertEqual(env["RELAY_STORAGE_BACKEND"], "postgres")
        self.assertEqual(files[env["RELAY_POSTGRES_URL_FILE"]], ("server", "url"))
        self.assertEqual(files[env["RELAY_NOISE_STATIC_KEY_FILE"]], ("key", "noise-key"))
        self.assertEqual(files[env["RELAY_METRICS_TOKEN_FILE"]], ("token", "token"))
        self.assertEqual(files["/run/secrets/vauchi-relay/postgres-ca.crt"], ("server", "ca"))

    def test_the_server_is_named_on_postgresql_alone(self):
        env = environment(render(values={"postgres": {"existingSecret": "server"}}))
        self.assertNotIn("RELAY_POSTGRES_URL_FILE", env)

    def test_the_way_out_leads_to_the_server(self):
        def egress(values):
            return render(values=values)["NetworkPolicy", "vauchi-relay"]["spec"]["egress"]
        self.assertEqual(egress(EVERYTHING), [])
        server, names = egress(EVERYTHING | CLUSTER)
        self.assertEqual(server, {"ports": [{"port": 5432}]})
        self.assertEqual([p["port"] for p in names["ports"]], [53, 53])
        peer = {"ipBlock": {"cidr": "192.0.2.10/32"}}
        server, _ = egress(CLUSTER | {"networkPolicy": {
            "enabled": True, "database": [peer], "databasePort": 6432}})
        self.assertEqual(server, {"ports": [{"port": 6432}], "to": [peer]})

    def test_settings_are_the_relays(self):
        printed = relay("print-config", {}).stdout
        defaults = dict(line.split("=", 1) for line in printed.splitlines())
        config = schema()["config"]["properties"]
        self.assertEqual({variable(key) for key in config} | OWN, set(defaults))
        with open(f"{ROOT}/{CHART}/values.yaml") as file:
            shown = dict(re.findall(r"^  # (\w+): (.+?)(?:  .*)?$", file.read(), re.M))
        with open(f"{ROOT}/deploy/DEPLOYMENT.md") as file:
            table = {row[0]: row[1] for row in re.findall(
                r"^\| `(RELAY_\w+)` \| [^|]+ \| ([^|]+) \|", file.read(), re.M)}
        for key, rule in config.items():
            name = variable(key)
            self.assertIn(key, shown)
            if key not in ("rateBurst", "ioThreads", "trustedProxies"):
                self.assertEqual(shown[key], defaults[name], key)
            if "minimum" in rule:
                self.assertEqual(re.match(r"(\d+) to (\d+)", table[name]).groups(),
                                 (str(rule["minimum"]), str(rule["maximum"])), key)
            elif "enum" in rule:
                self.assertEqual(table[name], ", ".join(rule["enum"][:-1]), key)

    def test_the_relay_takes_each_setting(self):
        """The largest, and the last choice, through a file: numbers must not become 1e+10."""
        config = {}
        for key, rule in schema()["config"]["properties"].items():
            config[key] = rule.get("maximum", rule["enum"][-2] if "enum" in rule else True)
        config["trustedProxies"] = ["10.0.0.0/8", "fd00::/8"]
        config["storageBackend"], config["drainSecs"] = "sqlite", 77
        config["pingIntervalSecs"] = 78
        env = environment(render(values={"config": config, "test": {"noisePublicKey": "A" * 43}}))
        checked = relay("check-config", env)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertNotIn("warning", checked.stderr)
        printed = dict(line.split("=", 1) for line in relay("print-config", env).stdout.splitlines())
        for key, value in config.items():
            if key == "trustedProxies":
                value = ", ".join(value)
            wanted = str(value).lower() if isinstance(value, bool) else str(value)
            self.assertEqual(printed[variable(key)].replace(", ", ","), wanted.replace(", ", ","))

    def test_helm_test_asks_as_the_relay_wants_it(self):
        args = lambda m: m["Pod", "vauchi-relay-probe"]["spec"]["containers"][0]["args"]
        self.assertEqual(args(render()), ["probe", "ws://vauchi-relay:8080"])
        self.assertIn("--sign", args(render("--set", "config.requireAuth=true")))
        # Receipts come from one relay, so it asks one.
        cluster = render(values=CLUSTER)
        self.assertEqual(args(cluster), ["probe", "ws://vauchi-relay-probe:8080"])
        service = cluster["Service", "vauchi-relay-probe"]["spec"]
        self.assertEqual(service["sessionAffinity"], "ClientIP")
        self.assertLessEqual(service["selector"].items(),
                             workload(cluster)["template"]["metadata"]["labels"].items())
        self.assertNotIn(("Pod", "vauchi-relay-probe"),
                         render("--set", "config.requireNoise=true"))

    def test_alert_rules(self):
        with open(f"{ROOT}/{CHART}/files/alerts.yml", "rb") as file:
            text = file.read()
        self.assertEqual(render(values=EVERYTHING)["PrometheusRule", "vauchi-relay"]["spec"],
                         yaml.safe_load(text))
        rules = [(r["alert"], r["expr"]) for r in yaml.safe_load(text)["groups"][0]["rules"]]
        with open(f"{ROOT}/shared/monitoring/alertrules.json") as file:
            self.assertEqual(rules, [(r["id"], r["expr"]) for r in json.load(file)])
        original = f"{ROOT}/deploy/prometheus/alerts.yml"
        if os.path.exists(original):
            with open(original, "rb") as file:
                self.assertEqual(text, file.read(), "copy deploy/prometheus/alerts.yml to the chart")

    def test_packages_and_has_the_relays_version(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(helm(CHART, "-d", folder, name="package").returncode, 0)
            self.assertEqual(len(os.listdir(folder)), 1)
        with open(f"{ROOT}/{CHART}/Chart.yaml") as file:
            version = yaml.safe_load(file)["appVersion"]
        self.assertIn(f"vauchi-relay {version}", relay("--version", {}).stdout)

    @unittest.skipUnless(KUBETYPES, "needs Go")
    def test_a_misspelt_field_is_found(self):
        text = run((), EVERYTHING).stdout
        for right, wrong in (("readinessProbe:", "readynessProbe:"), ("jobLabel:", "jobLable:"),
                             ("maxUnavailable:", "maxUnavailible:"), ("replicas: 1", "replicas: x")):
            self.assertIn(right, text)
            found = subprocess.run([KUBETYPES], input=text.replace(right, wrong),
                                   capture_output=True, text=True)
            self.assertEqual(found.returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
