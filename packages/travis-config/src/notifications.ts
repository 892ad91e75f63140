import type { ConditionData } from './conditions/index.ts';
import { Judge } from './matrix/conditions.ts';
import { type Json, type Message, Messages, type Position } from './messages.ts';
import type { BuildConfig } from './types.ts';
import { record } from './yaml/node.ts';

export interface SelectedNotifications {
  /** By kind (`email`, `slack`, ...), the entries to be sent for this build. */
  notifications: { [kind: string]: Json[] };
  messages: Message[];
}

/** The notifications whose `if` holds for the build (spec 9); the others each get a message. */
export function selectNotifications(
  config: BuildConfig,
  data: ConditionData = {},
  positions: ReadonlyMap<string, Position> = new Map(),
): SelectedNotifications {
  const messages = new Messages();
  const judge = new Judge(data, messages, positions);
  const rootData = judge.rootData(config, config.env?.global ?? []);
  const selected = Object.entries(config.notifications ?? {}).map(([kind, given]) => {
    const key = `notifications.${kind}`;
    const entries = Array.isArray(given) ? given : [];
    const kept = entries.filter((entry, index) => {
      const condition = conditionOf(entry);
      if (judge.accepts(condition, rootData, key)) return true;
      const args = { type: kind, number: index + 1, condition: condition ?? null };
      judge.skipped('skip_notification', key, key, args);
      return false;
    });
    return [kind, kept] as const;
  });
  return { notifications: record(selected), messages: messages.list };
}

function conditionOf(entry: Json): Json | undefined {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry)
    ? entry['if']
    : undefined;
}
