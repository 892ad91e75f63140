import type { ConditionData } from './conditions/index.ts';
import { expand } from './matrix/expand.ts';
import type { Message } from './messages.ts';
import { selectNotifications } from './notifications.ts';
import { type ParseOptions, parse } from './parse.ts';
import type { Refusal } from './request/refusal.ts';
import type { BuildConfig, JobConfig, Stage } from './types.ts';

/** What a file means for one build: the form `sluice config plan --json` prints. */
export interface Plan {
  config: BuildConfig;
  messages: Message[];
  /** In final order, each with `stage` and `allow_failure` where they apply. */
  jobs: JobConfig[];
  stages: Stage[];
  /** Why there would be no build; the jobs are listed all the same. */
  refused?: Refusal;
}

/**
 * Parses, normalises and expands a file in one go.
 *
 * `data` holds the variables of spec 13 and `env`; what is missing is null.
 *
 * @throws ConfigError for a file that cannot be read, or too large a matrix
 */
export function plan(text: string, data: ConditionData = {}, options: ParseOptions = {}): Plan {
  const { config, messages, positions } = parse(text, options);
  const { jobs, stages, refused, messages: more } = expand(config, data, { ...options, positions });
  const notifications = selectNotifications(config, data, positions);
  return {
    config,
    messages: [...messages, ...more, ...notifications.messages],
    jobs,
    stages,
    ...(refused ? { refused } : {}),
  };
}
