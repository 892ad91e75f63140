import type { Artifact } from '@sluice/contract';

/** Pictures that cannot carry a script. SVG can: it is shown as the text that it is. */
const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
};
const TEXTS =
  /(^|\.)(txt|log|md|json|jsonl|ndjson|xml|html?|xhtml|svg|csv|tsv|ya?ml|toml|ini|cfg|conf|env|diff|patch|lcov|info|tap|junit|out|err|sh|py|[cm]?[jt]sx?|css|rb|go|rs|java|c|h|cpp|sql|license|readme|makefile|dockerfile)$/i;

/** The type as which it may be shown in a browser; null: it can only be saved. */
export function viewType(path: string): string | null {
  const name = path.split('/').at(-1) ?? '';
  const picture = PICTURES[(/\.([^.]+)$/.exec(name)?.[1] ?? '').toLowerCase()];
  return picture ?? (TEXTS.test(name) ? 'text/plain; charset=utf-8' : null);
}

/**
 * Whatever a job has left, opened in the panel's origin it must not be able to act there (spec/faults.md 33): it is
 * never of a type that runs, never sniffed, and sandboxed on top of that.
 */
export function artifactHeaders(
  artifact: Pick<Artifact, 'path' | 'size_bytes' | 'sha256'>,
  view: boolean,
): Record<string, string> {
  const type = view ? viewType(artifact.path) : null;
  return {
    'content-type': type ?? 'application/octet-stream',
    'content-length': String(artifact.size_bytes),
    'content-disposition': `${type === null ? 'attachment' : 'inline'}; ${fileName(artifact.path)}`,
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-sha256': artifact.sha256,
    'cache-control': 'private, no-store',
  };
}

/** The name for people's disks, in ASCII and as it is (RFC 6266). */
function fileName(path: string): string {
  const name = path.split('/').at(-1) ?? 'artifact';
  const plain = name.replaceAll(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  );
  return `filename="${plain}"; filename*=UTF-8''${encoded}`;
}
