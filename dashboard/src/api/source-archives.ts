import type { SourceArchive } from '@dibs/shared';
import { useMutation } from '@tanstack/react-query';
import { request } from './http';

/** 64 MiB over a slow line. */
const UPLOAD_TIMEOUT_MS = 600_000;

export function useUploadArchive() {
  return useMutation({
    mutationFn: (file: File) =>
      request<SourceArchive>('POST', '/source-archives', {
        raw: { contentType: contentTypeOf(file.name), data: file },
        timeoutMs: UPLOAD_TIMEOUT_MS,
      }),
  });
}

/** What browsers say of files differs; the server looks at the bytes itself. */
function contentTypeOf(name: string): string {
  if (name.endsWith('.zip')) return 'application/zip';
  return name.endsWith('.tar') ? 'application/x-tar' : 'application/gzip';
}
