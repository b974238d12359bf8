import type { SubmitJobBody } from '@dibs/shared';
import type { JobDraft, Pair } from './job-draft';

/** What is sent: only what was filled in, so that the server's defaults stay the server's. */
export function bodyOf(draft: JobDraft): SubmitJobBody {
  const { onReasons, archive, ...kept } = draft.kept;
  const requires = {
    ...(draft.requires.tools.length > 0 && { tools: draft.requires.tools }),
    ...record('labels', draft.requires.labels),
    ...record('prefers', draft.requires.prefers),
  };
  const { source, scope, concurrency, retry, fanOut } = draft;
  // an empty line is not there yet
  const files = draft.files.filter(({ path, content }) => path.trim() !== '' || content !== '');
  return {
    ...word('name', draft.name),
    steps: draft.steps.map((step) => ({
      ...word('name', step.name),
      run: step.run,
      ...(step.shell !== 'bash' && { shell: step.shell }),
      ...number('timeoutSeconds', step.timeoutSeconds),
    })),
    ...record('env', draft.env),
    ...record('secrets', draft.secrets),
    ...(source.url.trim() !== '' && {
      source: {
        type: 'git' as const,
        url: source.url.trim(),
        ...word('revision', source.revision),
        ...word('path', source.path),
        ...number('depth', source.depth),
      },
    }),
    ...(source.url.trim() === '' && archive && { source: archive }),
    ...(files.length > 0 && { files: files.map(({ path, content }) => ({ path: path.trim(), content })) }),
    ...kept,
    ...(Object.keys(requires).length > 0 && { requires }),
    ...word('runner', draft.runner),
    ...word('instance', draft.instance),
    ...number('priority', draft.priority),
    ...number('slots', draft.slots),
    ...number('timeoutSeconds', draft.timeoutSeconds),
    ...number('queueTimeoutSeconds', draft.queueTimeoutSeconds),
    ...(draft.onLost !== 'requeue' && { onLost: draft.onLost }),
    ...number('maxAttempts', draft.maxAttempts),
    ...(concurrency.key.trim() !== '' && {
      concurrency: {
        key: concurrency.key.trim(),
        ...number('limit', concurrency.limit),
        ...(concurrency.supersede !== 'none' && { supersede: concurrency.supersede }),
      },
    }),
    ...((retry.maxAttempts !== '' || retry.onExitCodes.length > 0) && {
      retry: {
        ...number('maxAttempts', retry.maxAttempts),
        // what is no number is sent as it is, and the server says what it wants
        ...(retry.onExitCodes.length > 0 && { onExitCodes: retry.onExitCodes.map(Number) }),
        ...(onReasons && { onReasons }),
        ...number('backoffSeconds', retry.backoffSeconds),
      },
    }),
    ...(Object.values(scope).some((id) => id.trim() !== '') && {
      // without a stack the server says that it wants one
      scope: {
        stackId: scope.stackId.trim(),
        ...word('namespaceId', scope.namespaceId),
        ...word('moduleId', scope.moduleId),
      },
    }),
    ...(fanOut.wanted && {
      fanOut: { ...number('batchSize', fanOut.batchSize), offline: fanOut.offline },
    }),
  };
}

/** The same for other eyes: of secrets only the names. */
export function withoutSecrets(body: SubmitJobBody): SubmitJobBody {
  if (!body.secrets) return body;
  return { ...body, secrets: Object.fromEntries(Object.keys(body.secrets).map((name) => [name, '…'])) };
}

/** The body that a what-if is asked with: it does not look at secrets, so they stay here. */
export function whatIfBody(body: SubmitJobBody): SubmitJobBody {
  const { secrets: _, ...rest } = body;
  return rest;
}

export function curlOf(body: SubmitJobBody, serverUrl: string): string {
  const json = JSON.stringify(withoutSecrets(body), null, 2).replaceAll("'", String.raw`'\''`);
  return [
    `curl ${serverUrl}/api/v1/jobs \\`,
    `  -H "Authorization: Bearer $DIBS_TOKEN" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${json}'`,
  ].join('\n');
}

function word<Name extends string>(name: Name, value: string): Partial<Record<Name, string>> {
  return value.trim() === '' ? {} : ({ [name]: value.trim() } as Record<Name, string>);
}

function number<Name extends string>(name: Name, value: number | ''): Partial<Record<Name, number>> {
  return value === '' ? {} : ({ [name]: value } as Record<Name, number>);
}

/** Lines without a name are not there yet. */
function record<Name extends string>(
  name: Name,
  pairs: readonly Pair[],
): Partial<Record<Name, Record<string, string>>> {
  const named = pairs.filter((pair) => pair.name.trim() !== '').map((pair) => [pair.name.trim(), pair.value] as const);
  return named.length === 0 ? {} : ({ [name]: Object.fromEntries(named) } as Record<Name, Record<string, string>>);
}
