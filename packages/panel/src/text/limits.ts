/** What instances of an environment may use. */
export const limits = {
  title: 'Limits',
  text: 'Of each instance, release command, cron job and shell.',
  change: 'Change the limits',
  changeOf: (slug: string) => `Limits of ${slug}`,
  kinds: {
    milli_cpus: 'Processor',
    memory_bytes: 'Memory',
    processes: 'Processes and threads',
  },
  units: {
    milli_cpus: 'Cores',
    memory_bytes: 'MB',
    processes: 'At most',
  },
  cores: (cores: number) => (cores === 1 ? '1 core' : `${cores} cores`),
  count: (count: number) => String(count),
  none: 'no limit',
  byDefault: 'the default',
  wish: (kind: string) => `Limit of ${kind.toLowerCase()}`,
  asDefault: (value: string) => `The default (${value})`,
  without: 'No limit',
  own: 'Its own',
  most: (value: string) => `At most ${value}, as the administrator says.`,
  later: 'Changes count from the next deployment or restart on.',
  saved: 'The limits are kept. They count from the next deployment or restart on.',
  ended: (status: number | null, signal: string | null) =>
    status !== null
      ? `ended with status ${status}`
      : signal !== null
        ? `ended by ${signal}`
        : 'ended',
  outOfMemory: 'needed more memory than its limit',
} as const;
