{{- define "anneal.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "anneal.labels" -}}
app.kubernetes.io/name: anneal
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "anneal.selector" -}}
app.kubernetes.io/name: anneal
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "anneal.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "anneal.claim" -}}
{{ .Values.data.existingClaim | default (printf "%s-data" (include "anneal.name" .)) }}
{{- end }}

{{- define "anneal.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.user }}
runAsGroup: {{ .Values.user }}
fsGroup: {{ .Values.user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "anneal.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Environment variables of api and workers. */}}
{{- define "anneal.env" -}}
- name: HOME
  value: /tmp
- name: ANNEAL_DATA
  value: {{ .Values.data.path | quote }}
- name: DJL_CACHE_DIR
  value: {{ printf "%s/engine" .Values.data.path | quote }}
{{- if .Values.torch.home }}
- name: ANNEAL_TORCH_HOME
  value: {{ .Values.torch.home | quote }}
{{- end }}
- name: ANNEAL_DATABASE_URL
  value: {{ required "database.url is required: jdbc:postgresql://host:5432/anneal" .Values.database.url | quote }}
- name: ANNEAL_DATABASE_USER
  valueFrom:
    secretKeyRef:
      name: {{ required "database.existingSecret is required" .Values.database.existingSecret | quote }}
      key: {{ .Values.database.usernameKey }}
- name: ANNEAL_DATABASE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret | quote }}
      key: {{ .Values.database.passwordKey }}
- name: ANNEAL_ARTIFACTS
  value: {{ required "artifacts.store is required: s3://bucket/prefix, or directory with data.shared" .Values.artifacts.store | quote }}
- name: ANNEAL_CACHE_MAXSIZE
  value: {{ .Values.artifacts.cacheMaxSize | quote }}
{{- with .Values.artifacts.s3 }}
{{- if .endpoint }}
- name: ANNEAL_S3_ENDPOINT
  value: {{ .endpoint | quote }}
{{- end }}
{{- if .region }}
- name: ANNEAL_S3_REGION
  value: {{ .region | quote }}
{{- end }}
- name: ANNEAL_S3_PATHSTYLE
  value: {{ .pathStyle | quote }}
{{- if .existingSecret }}
{{- range $name := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.artifacts.s3.existingSecret | quote }}
      key: {{ $name }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "anneal.checks" -}}
{{- if and (not (hasPrefix "s3://" .Values.artifacts.store)) (not .Values.data.shared) }}
{{- fail "artifacts.store is not S3, so api and workers must share the volume. Set data.shared=true." }}
{{- end }}
{{- if not (has .Values.worker.executor (list "kubernetes" "local")) }}
{{- fail "worker.executor is neither 'kubernetes' nor 'local'. Set it to one of them." }}
{{- end }}
{{- end }}

{{- define "anneal.probes" -}}
startupProbe:
  httpGet: {path: /actuator/health/readiness, port: http}
  periodSeconds: 5
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /actuator/health/readiness, port: http}
  periodSeconds: 5
livenessProbe:
  httpGet: {path: /actuator/health/liveness, port: http}
  periodSeconds: 10
  failureThreshold: 6
{{- end }}
