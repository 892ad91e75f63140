import type { JobPayload } from '@sluice/contract';
import { flag, isMap, type JobSettings, languageOf, text, texts } from './config.ts';
import { quote } from './shell.ts';
import type { Writer } from './writer.ts';

const LOCKED = '-f package-lock.json || -f npm-shrinkwrap.json';

const DEFAULT_TIMEOUT_SECONDS = 180;

/** How long fetching or storing may take (spec/travis.md 8), in seconds. */
export function cacheTimeout(payload: JobPayload): number {
  const { cache } = payload.config;
  const written = Number(isMap(cache) ? text(cache['timeout']) : null);
  return Number.isFinite(written) && written > 0
    ? Math.min(written, 3_600)
    : DEFAULT_TIMEOUT_SECONDS;
}

/** Directories of each type (spec/travis.md 8), as shell words; where it depends, a test and the other directories. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  pip: ['$HOME/.cache/pip'],
  yarn: ['$HOME/.cache/yarn'],
  bundler: ['vendor/bundle'],
  cargo: ['$HOME/.cargo', 'target', '$HOME/.rustup'],
  ccache: ['$HOME/.ccache'],
  cocoapods: ['Pods'],
  packages: ['$HOME/R/Library'],
};

/** What is switched on besides directories; `npm` is on by default for node_js. */
function typesOf(config: JobSettings): string[] {
  const { cache } = config;
  const isNode = languageOf(config) === 'node_js';
  if (text(cache)?.toLowerCase() === 'false') return [];
  if (!isMap(cache)) return [...new Set([...texts(cache), ...(isNode ? ['npm'] : [])])];
  const on = Object.keys(cache).filter(
    (name) =>
      (Object.hasOwn(TYPES, name) || name === 'npm' || name === 'apt') && flag(cache[name], false),
  );
  const npm = isNode && flag(cache['npm'], true) ? ['npm'] : [];
  return [...new Set([...on, ...npm])];
}

/** Whether the job has directories to cache, so that its script asks for them. */
function isCached(config: JobSettings): boolean {
  return typesOf(config).length > 0 || directoriesOf(config).length > 0;
}

function directoriesOf({ cache }: JobSettings): string[] {
  return isMap(cache) ? texts(cache['directories']) : [];
}

/** Fetches the cached directories, and remembers what they hold. Writes nothing where nothing is cached. */
export function writeCacheFetch(writer: Writer, payload: JobPayload, timeoutSeconds: number): void {
  const { config } = payload;
  if (!isCached(config)) return;
  writer.line('__sluice_phase cache');
  writer.line('travis_fold start cache.1');
  writer.line(`__sluice_cache_timeout=${timeoutSeconds}; __sluice_cache_dirs=()`);
  for (const type of typesOf(config)) writeType(writer, type);
  for (const directory of directoriesOf(config)) {
    // As the shell would read it: `~` and variables count, blanks do not.
    const word = directory.replace(/^~(?=\/|$)/, '$HOME').replaceAll(/["`\\]/g, '\\$&');
    writer.line(`eval ${quote(`__sluice_cache_dir "${word}"`)} 198>&-`);
  }
  writer.line('__sluice_cache_fetch');
  writer.line('travis_fold end cache.1');
}

function writeType(writer: Writer, type: string): void {
  if (type === 'npm') {
    writer.line(
      `if [[ ${LOCKED} ]]; then __sluice_cache_dir "$HOME/.npm"; else __sluice_cache_dir node_modules; fi`,
    );
  } else if (Object.hasOwn(TYPES, type)) {
    for (const directory of TYPES[type] ?? []) writer.line(`__sluice_cache_dir "${directory}"`);
  } else {
    writer.notice(`The cache of ${type} has no effect here.`);
  }
}

/** Stores them again where they have changed. */
export function writeCacheStore(writer: Writer, payload: JobPayload): void {
  if (!isCached(payload.config)) return;
  writer.line('__sluice_phase cache');
  writer.line('travis_fold start cache.2');
  writer.line('__sluice_cache_store');
  writer.line('travis_fold end cache.2');
}
