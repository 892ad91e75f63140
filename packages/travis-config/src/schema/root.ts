import { job, matcher, matrixValue, sharedAliases, sharedDeprecated, sharedKeys } from './job.ts';
import { bool, condition, custom, enumeration, map, type Schema, seq, str } from './kinds.ts';
import { matrixKeys } from './languages.ts';

const axes: { [key: string]: Schema } = {};
for (const key of matrixKeys) axes[key] = seq(matrixValue(key));

const jobs = map(
  {
    include: { kind: 'seq', of: job, keepEmpty: 'always' },
    exclude: seq(matcher),
    allow_failures: { kind: 'seq', of: matcher, keepEmpty: 'given' },
    fast_finish: bool,
  },
  {
    prefix: 'include',
    aliases: { allowed_failures: 'allow_failures', fast_failure: 'fast_finish' },
  },
);

const mergeModes = ['deep_merge_append', 'deep_merge_prepend', 'deep_merge', 'merge'] as const;

/** The whole file (spec 2). */
export const root = map(
  {
    ...sharedKeys,
    ...axes,
    env: custom('env'),
    jobs,
    stages: seq(map({ name: str, if: condition }, { prefix: 'name', required: ['name'] })),
    notifications: custom('notifications'),
    import: seq(
      map(
        { source: str, mode: enumeration(mergeModes, {}, 'drop'), if: condition },
        { prefix: 'source', required: ['source'] },
      ),
    ),
    version: str,
  },
  {
    aliases: { ...sharedAliases, matrix: 'jobs', imports: 'import' },
    deprecated: sharedDeprecated,
  },
);
