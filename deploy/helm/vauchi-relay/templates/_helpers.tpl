{{- /* SPDX-License-Identifier: GPL-3.0-or-later */ -}}

{{- define "vauchi-relay.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The release's name, with the chart's if it is not in it; room for "-monitoring" and a pod's "-0". */ -}}
{{- define "vauchi-relay.fullname" -}}
{{- $name := include "vauchi-relay.name" . -}}
{{- $whole := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $whole .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- /* Cannot change while a StatefulSet or a Deployment lives. The component keeps the pods of "helm test" out of the Services. */ -}}
{{- define "vauchi-relay.selector" -}}
app.kubernetes.io/name: {{ include "vauchi-relay.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: relay
{{- end -}}

{{- define "vauchi-relay.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- /* "app" is for "kubectl logs -l app=vauchi-relay", and the name of the job in the alert rules. */ -}}
{{- define "vauchi-relay.labels" -}}
app: vauchi-relay
{{ include "vauchi-relay.selector" . }}
{{ include "vauchi-relay.commonLabels" . }}
{{- end -}}

{{- /* Of what "helm test" makes. */ -}}
{{- define "vauchi-relay.probeLabels" -}}
app.kubernetes.io/name: {{ include "vauchi-relay.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: test
{{ include "vauchi-relay.commonLabels" . }}
{{- end -}}

{{- define "vauchi-relay.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "vauchi-relay.storageBackend" -}}
{{- default "sqlite" .Values.config.storageBackend -}}
{{- end -}}

{{- define "vauchi-relay.drainSecs" -}}
{{- default 5 .Values.config.drainSecs | int64 -}}
{{- end -}}

{{- define "vauchi-relay.gracePeriod" -}}
{{- $drain := include "vauchi-relay.drainSecs" . | int64 -}}
{{- $period := default (add $drain 10) .Values.terminationGracePeriodSeconds | int64 -}}
{{- if lt $period (add $drain 3) -}}
{{- fail (printf "terminationGracePeriodSeconds (%d) has to be config.drainSecs (%d) and 3 at least: the relay would be killed while it says goodbye" $period $drain) -}}
{{- end -}}
{{- $period -}}
{{- end -}}

{{- /* maxConnections -> RELAY_MAX_CONNECTIONS. Numbers from a file are floats, which print as 1e+10. */ -}}
{{- define "vauchi-relay.env" -}}
- name: RELAY_LISTEN_ADDR
  value: {{ printf "%s:8080" .Values.listenHost | quote }}
- name: RELAY_HTTP_ADDR
  value: {{ printf "%s:8081" .Values.listenHost | quote }}
- name: RELAY_DATA_DIR
  value: /data
{{- range $key, $value := .Values.config }}
{{- if not (kindIs "invalid" $value) }}
- name: RELAY_{{ $key | snakecase | upper }}
  {{- if kindIs "slice" $value }}
  value: {{ join ", " $value | quote }}
  {{- else if kindIs "float64" $value }}
  value: {{ int64 $value | quote }}
  {{- else }}
  value: {{ $value | quote }}
  {{- end }}
{{- end }}
{{- end }}
{{- if eq (include "vauchi-relay.storageBackend" .) "postgres" }}
- name: RELAY_POSTGRES_URL_FILE
  value: /run/secrets/vauchi-relay/postgres-url
{{- end }}
{{- if .Values.metricsToken.existingSecret }}
- name: RELAY_METRICS_TOKEN_FILE
  value: /run/secrets/vauchi-relay/metrics-token
{{- end }}
{{- if .Values.noiseKey.existingSecret }}
- name: RELAY_NOISE_STATIC_KEY_FILE
  value: /run/secrets/vauchi-relay/noise-key
{{- end }}
{{- end -}}

{{- define "vauchi-relay.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "vauchi-relay.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
