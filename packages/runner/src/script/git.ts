import type { JobPayload } from '@sluice/contract';
import { flag, isMap, text } from './config.ts';
import { quote } from './shell.ts';
import type { Writer } from './writer.ts';

const DEFAULT_DEPTH = '50';
const TRIES = 3;

/** Variables by which git finds its password, so that it stands in no URL and no command line (spec/travis.md 6). */
export function gitAuthentication(payload: JobPayload): [name: string, value: string][] {
  const { url, token } = payload.clone;
  if (token === '' || !/^https?:/.test(url)) return [];
  const origin = new URL(url).origin;
  return [
    ['GIT_CONFIG_COUNT', '1'],
    // Only for this server: a build that clones from elsewhere must not send the job's token there.
    ['GIT_CONFIG_KEY_0', `http.${origin}/.extraHeader`],
    ['GIT_CONFIG_VALUE_0', `Authorization: Basic ${basicCredential(token)}`],
  ];
}

export function basicCredential(token: string): string {
  return Buffer.from(`x-job:${token}`).toString('base64');
}

/** Clone, check-out and submodules (spec/travis.md 6). Leaves the shell in the build directory. */
export function writeGit(writer: Writer, payload: JobPayload, buildDir: string): void {
  const git = isMap(payload.config['git']) ? payload.config['git'] : {};
  writer.line('__sluice_phase git');
  if (!flag(git['clone'], true)) {
    writer.notice('Cloning is switched off (git.clone: false): the build directory is empty.');
    writer.line(`mkdir -p ${quote(buildDir)}; cd ${quote(buildDir)} || exit 2`);
    return;
  }
  if (flag(git['lfs_skip_smudge'], false)) writer.line('export GIT_LFS_SKIP_SMUDGE=1');
  const { ref, url } = payload.clone;
  const { sha } = payload.build;
  const isTarball = text(git['strategy'])?.toLowerCase() === 'tarball';
  const depth = isTarball ? '--depth=1' : depthArgument(git['depth']);
  const quiet = flag(git['quiet'], false) ? ['--quiet'] : [];
  const settings = [
    ...(text(git['symlinks']) ? [`-c core.symlinks=${flag(git['symlinks'], true)}`] : []),
    ...(text(git['autocrlf'])
      ? [`-c core.autocrlf=${quote(text(git['autocrlf']) as string)}`]
      : []),
  ];
  const branch = /^refs\/(?:heads|tags)\/(.+)$/.exec(ref)?.[1] ?? null;
  const sparse = text(git['sparse_checkout']);
  const clone = [
    'git clone',
    ...settings,
    ...(depth ? [depth] : []),
    ...(branch !== null ? [`--branch=${quote(branch)}`] : []),
    ...(branch === null || sparse ? ['--no-checkout'] : []),
    ...quiet,
    '--',
    quote(url),
    quote(buildDir),
  ].join(' ');

  writer.line('travis_fold start git.checkout');
  if (/^(\/|file:)/.test(url)) {
    // A repository on this machine belongs to somebody else than the job, and git has to be told that this is meant.
    writer.line("git config --global --add safe.directory '*'");
  }
  writer.line(`mkdir -p ${quote(parentOf(buildDir))}`);
  step(writer, clone, `rm -rf ${quote(buildDir)}`);
  writer.line(`cd ${quote(buildDir)} || __sluice_stop 'The build directory is not there.'`);
  if (branch === null) {
    const refspec = quote(`+${ref}:refs/sluice/build`);
    step(writer, ['git fetch', ...quiet, ...(depth ? [depth] : []), 'origin', refspec].join(' '));
  }
  // The commit may lie deeper than the shallow history, or off the branch after a force push.
  writer.line(`if ! git cat-file -e ${quote(`${sha}^{commit}`)} 2>/dev/null; then`);
  writer.notice(`${sha.slice(0, 12)} is not in the fetched history: fetching it.`);
  writer.line(
    `git fetch --quiet ${depth} origin ${quote(sha)} || git fetch --quiet --unshallow origin || :`,
  );
  writer.line('fi');
  if (sparse) writeSparseCheckout(writer, sparse, sha);
  step(writer, `git checkout -qf ${quote(sha)}`);
  // What an archive would have brought: the files of the commit, and no repository.
  if (isTarball) writer.line('rm -rf .git');
  writer.line('travis_fold end git.checkout');
  if (!isTarball) writeSubmodules(writer, git);
}

/** Takes a file of the repository that lists the patterns, as Travis does, or a pattern itself. */
function writeSparseCheckout(writer: Writer, sparse: string, sha: string): void {
  step(writer, 'git config core.sparseCheckout true');
  const file = quote(`${sha}:${sparse.replace(/^\.\//, '')}`);
  writer.line(`if [[ $(git cat-file -t ${file} 2>/dev/null || :) == blob ]]; then`);
  writer.line(`git cat-file blob ${file} >>.git/info/sparse-checkout || :`);
  writer.line('else');
  writer.line(`printf '%s\\n' ${quote(sparse)} >>.git/info/sparse-checkout`);
  writer.line('fi');
}

function writeSubmodules(writer: Writer, git: Record<string, unknown>): void {
  if (!flag(git['submodules'], true)) return;
  const depth = text(git['submodules_depth']);
  const depthOption = depth && /^\d+$/.test(depth) ? ` --depth=${depth}` : '';
  writer.line('if [[ -f .gitmodules ]]; then');
  writer.line('travis_fold start git.submodule');
  step(writer, `git submodule update --init --recursive --quiet${depthOption}`);
  writer.line('travis_fold end git.submodule');
  writer.line('fi');
}

/** A command of ours: shown, tried a few times, and the end of the job when it fails. */
function step(writer: Writer, command: string, beforeRetry = ':'): void {
  const tries = command.startsWith('git clone') || command.startsWith('git fetch') ? TRIES : 1;
  writer.line(`__sluice_begin git '' ${quote(command)}`);
  writer.line(
    `for __sluice_try in ${Array.from({ length: tries }, (_, i) => i + 1).join(' ')}; do`,
  );
  writer.line(`__sluice_code=0; ${command} </dev/null 198>&- || __sluice_code=$?`);
  writer.line('if [[ $__sluice_code == 0 ]]; then break; fi');
  if (tries > 1) {
    writer.line(
      `if [[ $__sluice_try != ${tries} ]]; then ${beforeRetry}; sleep "\${__sluice_retry_pause:-1}"; fi`,
    );
  }
  writer.line('done');
  writer.line('__sluice_end stop "$__sluice_code"');
}

function depthArgument(depth: unknown): string {
  const written = text(depth);
  if (written === 'false') return '';
  return `--depth=${written !== null && /^[1-9]\d*$/.test(written) ? written : DEFAULT_DEPTH}`;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
