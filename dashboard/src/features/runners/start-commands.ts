export interface RunnerAccess {
  readonly serverUrl: string;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export function shellCommand(access: RunnerAccess): string {
  const settings = environment(access).map(([name, value]) => `${name}=${shellWord(value)}`);
  return [...settings, 'npm run runner'].join(' \\\n');
}

/** `-e NAME` without a value takes it from the environment of the shell, so the secret is not an argument. */
export function dockerCommand(access: RunnerAccess): string {
  const settings = environment(access);
  return [
    ...settings.map(([name, value]) => `export ${name}=${shellWord(value)}`),
    ['docker run -d --init --restart unless-stopped', ...settings.map(([name]) => `-e ${name}`), 'dibs-runner'].join(
      ' \\\n  ',
    ),
  ].join('\n');
}

export function kubernetesManifest({ serverUrl, name, clientId, clientSecret }: RunnerAccess): string {
  const resource = resourceName(name);
  return `apiVersion: v1
kind: Secret
metadata:
  name: ${resource}-credentials
stringData:
  clientId: ${yamlString(clientId)}
  clientSecret: ${yamlString(clientSecret)}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ${resource}
spec:
  serviceName: ${resource}
  replicas: 2
  podManagementPolicy: Parallel
  selector:
    matchLabels: { app: ${resource} }
  template:
    metadata:
      labels: { app: ${resource} }
    spec:
      terminationGracePeriodSeconds: 3600
      containers:
        - name: runner
          image: dibs-runner
          env:
            - { name: RUNNER_SERVER_URL, value: ${yamlString(serverUrl)} }
            - { name: RUNNER_NAME, value: ${yamlString(name)} }
            - name: RUNNER_INSTANCE
              valueFrom: { fieldRef: { fieldPath: metadata.name } }
            - name: RUNNER_CLIENT_ID
              valueFrom: { secretKeyRef: { name: ${resource}-credentials, key: clientId } }
            - name: RUNNER_CLIENT_SECRET
              valueFrom: { secretKeyRef: { name: ${resource}-credentials, key: clientSecret } }
`;
}

function environment({ serverUrl, name, clientId, clientSecret }: RunnerAccess): [name: string, value: string][] {
  return [
    ['RUNNER_SERVER_URL', serverUrl],
    ['RUNNER_NAME', name],
    ['RUNNER_CLIENT_ID', clientId],
    ['RUNNER_CLIENT_SECRET', clientSecret],
  ];
}

/** Safe to paste into a POSIX shell, whatever somebody called the runner. */
function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** JSON strings are YAML strings. */
function yamlString(value: string): string {
  return JSON.stringify(value);
}

/** What Kubernetes allows as a name (RFC 1123), as close to the runner's as possible. */
function resourceName(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return slug ? `dibs-runner-${slug}` : 'dibs-runner';
}
