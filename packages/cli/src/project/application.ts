import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Application, Client } from '@sluice/contract';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * The application that a command is about: `--remote-id` (website id, uuid or slug), else the nearest
 * `.divio/config.json`, else the git remote of this folder that leads to the server.
 */
export async function selectApplication(
  context: Context,
  client: Client,
  remoteId: string | undefined,
): Promise<Application> {
  const named =
    remoteId ??
    (await fromDivioConfig(context.directory)) ??
    (await fromGitRemote(context.directory, await context.address()));
  if (named === undefined) {
    throw new CommandError(
      exitCodes.usage,
      'Which application? Name it with --remote-id <website id>, or run this in a clone of its repository.',
    );
  }
  return client.applications.resolve(named);
}

async function fromDivioConfig(directory: string): Promise<string | undefined> {
  for (let folder = directory; ; folder = dirname(folder)) {
    const file = join(folder, '.divio', 'config.json');
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) {
      try {
        const config: { application_uuid?: unknown; id?: unknown } = JSON.parse(text);
        const id = config.application_uuid ?? config.id;
        if (id !== undefined && id !== null) return String(id);
      } catch {
        throw new CommandError(exitCodes.failed, `${file} is not valid JSON.`);
      }
    }
    if (dirname(folder) === folder) return undefined;
  }
}

async function fromGitRemote(directory: string, server: string): Promise<string | undefined> {
  const remotes = await git(directory, ['config', '--get-regexp', '^remote\\..*\\.url$']);
  for (const line of remotes.split('\n')) {
    const url = line.slice(line.indexOf(' ') + 1).trim();
    if (!URL.canParse(url)) continue;
    const { host, pathname } = new URL(url);
    if (host !== new URL(server).host) continue;
    const slug = /\/([^/]+?)(?:\.git)?\/?$/.exec(pathname)?.[1];
    if (slug !== undefined) return slug;
  }
  return undefined;
}

/** Standard output of git, empty where it fails (no repository, no git). */
function git(directory: string, words: readonly string[]): Promise<string> {
  return new Promise((answer) => {
    execFile('git', words, { cwd: directory }, (error, stdout) => {
      answer(error === null ? stdout : '');
    });
  });
}

/** The commit that is checked out in this folder; undefined outside a repository. */
export async function checkedOutCommit(directory: string): Promise<string | undefined> {
  const sha = (await git(directory, ['rev-parse', 'HEAD'])).trim();
  return sha === '' ? undefined : sha;
}
