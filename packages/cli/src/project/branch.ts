import { execFile } from 'node:child_process';
import type { PullRequest } from '@sluice/contract';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** The branch that is checked out in this folder; undefined outside a repository or on no branch. */
export async function currentBranch(directory: string): Promise<string | undefined> {
  const { ok, stdout } = await git(directory, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return ok && stdout.trim() !== '' ? stdout.trim() : undefined;
}

/**
 * Fetches the head of a pull request from the remote that leads to the server and checks it out as `pr-<number>`, so that no
 * branch of the same name is touched. Answers the branch.
 */
export async function fetchAndCheckout(
  directory: string,
  server: string,
  { number }: Pick<PullRequest, 'number'>,
): Promise<string> {
  const remote = await remoteOf(directory, server);
  const branch = `pr-${number}`;
  const fetched = await git(directory, ['fetch', remote, `refs/pull/${number}/head`]);
  if (!fetched.ok) {
    throw new CommandError(exitCodes.failed, `git fetch failed: ${fetched.stderr.trim()}`);
  }
  const done = await git(directory, ['checkout', '-B', branch, 'FETCH_HEAD']);
  if (!done.ok) {
    throw new CommandError(exitCodes.failed, `git checkout failed: ${done.stderr.trim()}`);
  }
  return branch;
}

async function remoteOf(directory: string, server: string): Promise<string> {
  const { stdout } = await git(directory, ['config', '--get-regexp', '^remote\\..*\\.url$']);
  for (const line of stdout.split('\n')) {
    const [key = '', address = ''] = line.split(' ');
    const isServer = URL.canParse(address) && new URL(address).host === new URL(server).host;
    if (isServer) return key.slice('remote.'.length, -'.url'.length);
  }
  throw new CommandError(
    exitCodes.usage,
    `No remote of this repository leads to ${server}. Run this in a clone of it.`,
  );
}

function git(
  directory: string,
  words: readonly string[],
): Promise<{ ok: boolean; stdout: string; stderr: string }> {
  return new Promise((answer) => {
    execFile('git', words, { cwd: directory }, (error, stdout, stderr) => {
      answer({ ok: error === null, stdout, stderr });
    });
  });
}
