import { execFile } from 'node:child_process';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** Runs git with an argument list and `input`; resolves to what it prints, without the last line end. */
export type Git = (
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
  input?: string,
) => Promise<string>;

/** Variables that say where a repository is. Inside a hook they name another one than the folder does. */
const PLACES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
];

/** Git as it works in `directory`. A failure is a `CommandError` with git's own words. */
export function gitIn(directory: string, environment: NodeJS.ProcessEnv): Git {
  const inherited = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !PLACES.includes(name)),
  );
  return (args, more = {}, input = '') =>
    new Promise((resolve, reject) => {
      const env = { ...inherited, GIT_TERMINAL_PROMPT: '0', ...more };
      const options = { cwd: directory, env, maxBuffer: 256 * 1024 ** 2 };
      const child = execFile('git', [...args], options, (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout.replace(/\n$/, ''));
          return;
        }
        const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        const words = missing ? 'git is not installed' : stderr.trim() || error.message;
        reject(new CommandError(exitCodes.failed, `git ${verbOf(args)}: ${words}`));
      });
      // Git that fails early does not read its input; what it says is the answer then.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
}

/** What git prints, or null when it fails: for questions whose answer may be no. */
export async function asked(git: Git, ...args: string[]): Promise<string | null> {
  return git(args).catch(() => null);
}

function verbOf(args: readonly string[]): string {
  return args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c') ?? '';
}
