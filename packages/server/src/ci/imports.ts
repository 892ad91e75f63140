import type { ConfigMessage } from '@sluice/contract';
import {
  ConfigError,
  importsOf,
  type Message,
  maxImports,
  type Part,
  parse,
  type WantedImport,
} from '@sluice/travis-config';
import type { CiRepository, Context } from './dependencies.ts';
import { isSecure } from './redact.ts';

/** A configuration with the files it imports, as `parseParts` takes them (spec/travis.md 10). */
export interface Gathered {
  readonly parts: readonly Part[];
  readonly messages: readonly Message[];
  /**
   * Whose key opens an encrypted value that stands in an imported file: a repository's uuid, or null where the owners differ
   * and nobody's does. Values that are not here are the importing repository's own.
   */
  readonly secureOrigins: Readonly<Record<string, string | null>>;
}

/** Why the files could not be put together: a sentence for the build, which is errored. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

export interface Importer {
  readonly repository: CiRepository;
  readonly sha: string;
  readonly text: string;
}

type ConditionFacts = Parameters<typeof importsOf>[1];

interface Place {
  readonly repository: CiRepository;
  readonly sha: string;
}

/**
 * Fetches what a configuration imports, and what that imports in turn, in the order in which they are merged. A file
 * that was imported already is left out, and so a circle is. Throws ImportError.
 */
export async function gatherImports(
  context: Context,
  main: Importer,
  facts: ConditionFacts,
): Promise<Gathered> {
  const parts: Part[] = [{ text: main.text }];
  const messages: Message[] = [];
  const secureOrigins: Record<string, string | null> = {};
  const seen = new Set([keyOf(main.repository.uuid, main.sha, '.travis.yml')]);

  const follow = async (
    part: { text: string; source?: string },
    place: Place,
    depth: readonly string[],
  ): Promise<void> => {
    const { config, positions } = read(part);
    if (part.source !== undefined) noteSecrets(config, place.repository);
    const wanted = importsOf(config, facts, positions);
    const { source } = part;
    messages.push(
      ...wanted.messages.map((one) => (source === undefined ? one : { ...one, source })),
    );
    for (const one of wanted.imports) await add(one, place, depth);
  };

  const add = async (
    wanted: WantedImport,
    from: Place,
    depth: readonly string[],
  ): Promise<void> => {
    const place = await locate(context, main.repository, wanted, from);
    const key = keyOf(place.repository.uuid, place.sha, wanted.path);
    if (seen.has(key)) return;
    seen.add(key);
    if (parts.length > maxImports) {
      throw new ImportError(`More than ${maxImports} files are imported; ${trail(depth)} is one.`);
    }
    const text = await context.git.readFile(place.repository.uuid, place.sha, wanted.path);
    if (text === null) throw new ImportError(`${notFound(wanted)}: there is no such file.`);
    parts.push({ text, mode: wanted.mode, source: wanted.source });
    await follow({ text, source: wanted.source }, place, [...depth, wanted.source]);
  };

  const noteSecrets = (config: unknown, repository: CiRepository): void => {
    if (repository.uuid === main.repository.uuid) return;
    const sameOwner = repository.organisationUuid === main.repository.organisationUuid;
    for (const value of secureValues(config)) {
      secureOrigins[secureKey(value)] ??= sameOwner ? repository.uuid : null;
    }
  };

  await follow({ text: main.text }, main, ['.travis.yml']);
  // The file's own word counts where it stands in both.
  if (Object.keys(secureOrigins).length > 0) {
    for (const value of secureValues(read({ text: main.text }).config)) {
      delete secureOrigins[secureKey(value)];
    }
  }
  return { parts, messages, secureOrigins };
}

/** The commit that a source means: of the importing file, or of what the source names. */
async function locate(
  { git }: Context,
  main: CiRepository,
  wanted: WantedImport,
  from: Place,
): Promise<Place> {
  const repository =
    wanted.repository === null ? from.repository : await git.bySlug(wanted.repository);
  if (repository === null || !mayImport(main, repository)) {
    // The same words for a repository that is not there and for one that may not be seen.
    throw new ImportError(
      `${notFound(wanted)}: there is no such repository here, or its files may not be imported into ${main.slug}.`,
    );
  }
  if (wanted.ref === null && repository.uuid === from.repository.uuid) {
    return { repository, sha: from.sha };
  }
  const ref = wanted.ref ?? repository.defaultBranch;
  const found = ref === null ? null : await git.history(repository.uuid).resolve(ref);
  if (found === null || !('sha' in found)) {
    const what = ref === null ? 'it has no default branch' : `it has no ${ref}`;
    throw new ImportError(`${notFound(wanted)}: ${what}.`);
  }
  return { repository, sha: found.sha };
}

/** A private repository's file is not for a public one, nor for other people's (spec/travis.md 10). */
function mayImport(importer: CiRepository, imported: CiRepository): boolean {
  if (imported.uuid === importer.uuid || !imported.isPrivate) return true;
  return importer.isPrivate && imported.organisationUuid === importer.organisationUuid;
}

function read({ text, source }: { text: string; source?: string }) {
  try {
    return parse(text, { defaults: false });
  } catch (error) {
    // The main file's own faults are told by whoever plans the build.
    if (!(error instanceof ConfigError) || source === undefined) throw error;
    const { message, line, column } = error;
    throw new ImportError(
      `The imported ${source} cannot be read: ${message} (line ${line}, column ${column})`,
    );
  }
}

const notFound = (wanted: WantedImport) => `The import ${wanted.source} was not found`;
const trail = (depth: readonly string[]) => depth.join(' > ');
const keyOf = (uuid: string, sha: string, path: string) => `${uuid} ${sha} ${path}`;

/** White space means nothing in base64, so the same value is the same however it is wrapped. */
export const secureKey = (base64: string): string => base64.replaceAll(/\s/g, '');

function secureValues(value: unknown): string[] {
  if (isSecure(value)) return [value.secure];
  if (Array.isArray(value)) return value.flatMap(secureValues);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secureValues);
}

/** The remark on a build whose imports could not be put together. */
export function importRemark(error: ImportError): ConfigMessage {
  return {
    level: 'error',
    key: 'import',
    code: 'not_found',
    args: {},
    line: 1,
    column: 1,
    text: error.message,
  };
}
