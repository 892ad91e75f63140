/** Names of `os` that the runners there are can serve. Missing: linux (spec/travis.md 2). */
const SERVED: readonly string[] = ['linux'];

/** Why no runner of this installation can run a job of this configuration; null when one can. */
export function unsupportedMachine(config: unknown): string | null {
  if (typeof config !== 'object' || config === null || !('os' in config)) return null;
  const { os } = config;
  if (typeof os !== 'string' || SERVED.includes(os)) return null;
  return `There is no runner for os: ${os} here; jobs run on linux. Take it out of the matrix, or allow the job to fail.`;
}
