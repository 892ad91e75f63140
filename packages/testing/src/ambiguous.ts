import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestRepository } from './git.ts';

/**
 * Merges two commits into the branch that is checked out whose hashes begin with the same `digits` digits: their messages
 * are counted up until two of them meet, which for 7 digits takes some twenty thousand.
 */
export async function mergeAmbiguous(
  repository: TestRepository,
  digits = 7,
): Promise<{ readonly prefix: string; readonly shas: readonly [string, string] }> {
  const tree = await repository.git('rev-parse', 'HEAD^{tree}');
  const parent = await repository.sha();
  const person = 'Twin <twin@example.com> 1700000000 +0000';
  const head = `tree ${tree}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n\n`;
  const seen = new Map<string, { readonly sha: string; readonly text: string }>();
  for (let count = 0; ; count += 1) {
    const text = `${head}twin ${count}\n`;
    const sha = createHash('sha1').update(`commit ${text.length}\0${text}`).digest('hex');
    const prefix = sha.slice(0, digits);
    const twin = seen.get(prefix);
    if (twin === undefined) {
      seen.set(prefix, { sha, text });
      continue;
    }
    for (const one of [twin, { sha, text }]) await writeCommit(repository, one);
    await repository.git('merge', '-q', '--no-ff', '-m', 'the twins', twin.sha, sha);
    return { prefix, shas: [twin.sha, sha] };
  }
}

async function writeCommit(
  repository: TestRepository,
  { sha, text }: { readonly sha: string; readonly text: string },
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-twin-'));
  try {
    const file = join(directory, 'commit');
    await writeFile(file, text);
    const written = await repository.git('hash-object', '-t', 'commit', '-w', '--', file);
    if (written !== sha) throw new Error(`git calls it ${written}, not ${sha}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
