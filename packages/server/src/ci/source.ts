import { ConfigError, importsOf, maxImports, parse } from '@sluice/travis-config';
import type { Context } from './dependencies.ts';
import { conditionData } from './plan.ts';
import type { Build } from './rows.ts';
import type { BuildEvent } from './states.ts';

/** One file of a build's configuration, as the repository has it: encrypted values are cipher text. */
export interface SourceFile {
  /** As messages name it: `.travis.yml`, or how it was imported. */
  readonly name: string;
  readonly text: string;
}

const MAIN = '.travis.yml';

/**
 * The configuration that a build was made of, so that its messages can show their lines: `.travis.yml` and what it
 * imports from its own repository. Files of other repositories are left out, for not everyone who reads this build may
 * read those. Null: there is no such build; empty: the commit or the file is gone.
 */
export async function buildSource(context: Context, buildId: number): Promise<SourceFile[] | null> {
  const build = await context.store.db
    .selectFrom('builds')
    .selectAll()
    .where('id', '=', buildId)
    .executeTakeFirst();
  if (build === undefined) return null;
  const facts = await factsOf(context, build);
  const files: SourceFile[] = [];
  const seen = new Set([MAIN]);
  const waiting = [{ name: MAIN, path: MAIN }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const text = await context.git.readFile(build.repository_uuid, build.sha, next.path);
    if (text === null) continue;
    files.push({ name: next.name, text });
    for (const { path, source } of localImports(text, facts)) {
      if (seen.has(path) || seen.size > maxImports) continue;
      seen.add(path);
      waiting.push({ name: source, path });
    }
  }
  return files;
}

type Facts = Parameters<typeof importsOf>[1];

async function factsOf({ git }: Context, build: Build): Promise<Facts> {
  const repository = await git.get(build.repository_uuid);
  return conditionData({
    event: build.event as BuildEvent,
    repositorySlug: repository?.slug ?? '',
    branch: build.branch,
    tag: build.tag,
    message: build.message,
    fork: build.trusted === 0,
    env: [],
  });
}

function localImports(text: string, facts: Facts) {
  try {
    const { config, positions } = parse(text, { defaults: false });
    const { imports } = importsOf(config, facts, positions);
    return imports.filter(({ repository, ref }) => repository === null && ref === null);
  } catch (error) {
    // A file that cannot be read is what somebody wants to look at; it imports nothing.
    if (error instanceof ConfigError) return [];
    throw error;
  }
}
