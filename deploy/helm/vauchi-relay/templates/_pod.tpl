{{- /* SPDX-License-Identifier: GPL-3.0-or-later */ -}}
{{- /* The pod, whatever it belongs to. */ -}}
{{- define "vauchi-relay.pod" -}}
{{- $sqlite := eq (include "vauchi-relay.storageBackend" .) "sqlite" -}}
{{- $postgres := eq (include "vauchi-relay.storageBackend" .) "postgres" -}}
{{- $claims := and $sqlite .Values.persistence.enabled (not .Values.persistence.existingClaim) -}}
{{- $secrets := or $postgres .Values.metricsToken.existingSecret .Values.noiseKey.existingSecret -}}
metadata:
  labels:
    {{- with .Values.podLabels }}
    {{- toYaml (omit . "app" "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" "app.kubernetes.io/version" "app.kubernetes.io/managed-by" "helm.sh/chart") | nindent 4 }}
    {{- end }}
    {{- include "vauchi-relay.labels" . | nindent 4 }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  # Kubernetes would set variables such as RELAY_PORT for a Service called "relay".
  enableServiceLinks: false
  automountServiceAccountToken: false
  {{- with .Values.serviceAccountName }}
  serviceAccountName: {{ . }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationGracePeriodSeconds: {{ include "vauchi-relay.gracePeriod" . }}
  securityContext:
    {{- include "vauchi-relay.podSecurityContext" . | nindent 4 }}
    fsGroup: 1000
    # Not each time: it would open the relay's files, which are 0600, to the group.
    fsGroupChangePolicy: OnRootMismatch
  containers:
    - name: relay
      image: {{ include "vauchi-relay.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      env:
        {{- include "vauchi-relay.env" . | nindent 8 }}
      ports:
        - name: websocket
          containerPort: 8080
        - name: monitoring
          containerPort: 8081
      startupProbe:
        httpGet:
          path: /health
          port: monitoring
        {{- toYaml .Values.startupProbe | nindent 8 }}
      livenessProbe:
        httpGet:
          path: /health
          port: monitoring
        {{- toYaml .Values.livenessProbe | nindent 8 }}
      readinessProbe:
        httpGet:
          path: /ready
          port: monitoring
        {{- toYaml .Values.readinessProbe | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- include "vauchi-relay.securityContext" . | nindent 8 }}
      {{- if or $sqlite $secrets }}
      volumeMounts:
        {{- if $sqlite }}
        - name: data
          mountPath: /data
        {{- end }}
        {{- if $secrets }}
        - name: secrets
          mountPath: /run/secrets/vauchi-relay
          readOnly: true
        {{- end }}
      {{- end }}
  {{- if $postgres }}
  # On other nodes, and in other zones, where there are some: the mail is on the server.
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "vauchi-relay.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if or (and $sqlite (not $claims)) $secrets }}
  volumes:
    {{- if and $sqlite (not $claims) }}
    - name: data
      {{- if .Values.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ .Values.persistence.existingClaim }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- end }}
    {{- if $secrets }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- with .Values.metricsToken }}
          {{- if .existingSecret }}
          - secret:
              name: {{ .existingSecret }}
              items:
                - key: {{ .key }}
                  path: metrics-token
          {{- end }}
          {{- end }}
          {{- with .Values.noiseKey }}
          {{- if .existingSecret }}
          - secret:
              name: {{ .existingSecret }}
              items:
                - key: {{ .key }}
                  path: noise-key
          {{- end }}
          {{- end }}
          {{- if $postgres }}
          - secret:
              name: {{ .Values.postgres.existingSecret }}
              items:
                - key: {{ .Values.postgres.key }}
                  path: postgres-url
                {{- with .Values.postgres.caKey }}
                - key: {{ . }}
                  path: postgres-ca.crt
                {{- end }}
          {{- end }}
    {{- end }}
  {{- end }}
{{- end -}}
