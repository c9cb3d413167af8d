{{- define "trustwright.labels" -}}
app.kubernetes.io/name: trustwright
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "trustwright.selector" -}}
app.kubernetes.io/name: trustwright
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "trustwright.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
volumes:
  - name: data
    emptyDir: {}
  - name: tmp
    emptyDir: {}
{{- end }}

{{- define "trustwright.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: data
    mountPath: /var/lib/trustwright
  - name: tmp
    mountPath: /tmp
env:
  - name: TRUSTWRIGHT_DATABASE_URL
    valueFrom:
      secretKeyRef: {name: {{ .Values.secretName | quote }}, key: database-url}
  - name: TRUSTWRIGHT_SECRET_KEY
    valueFrom:
      secretKeyRef: {name: {{ .Values.secretName | quote }}, key: secret-key}
  - name: TRUSTWRIGHT_PUBLIC_URL
    value: {{ .Values.publicUrl | quote }}
  - name: TRUSTWRIGHT_STORAGE_URL
    value: {{ .Values.storageUrl | quote }}
  {{- range $name, $key := .Values.secretSettings }}
  - name: {{ $name }}
    valueFrom:
      secretKeyRef: {name: {{ $.Values.secretName | quote }}, key: {{ $key | quote }}}
  {{- end }}
  {{- range $name, $value := .Values.settings }}
  - name: {{ $name }}
    value: {{ $value | toString | quote }}
  {{- end }}
{{- end }}
