import { type HttpTarget, post, readHttpTarget } from './http.ts';
import type { Send } from './outbox.ts';
import type { Payload } from './payload.ts';
import { fillTemplate } from './template.ts';

interface Room {
  readonly target: HttpTarget;
  readonly channel: string | null;
}

const DEFAULT_TEMPLATE =
  'Build <%{build_url}|#%{build_number}> of %{repository_slug}@%{branch} (%{commit}) by %{author}: %{message} in %{duration}';
const COLOURS: Readonly<Record<string, string>> = {
  passed: 'good',
  failed: 'danger',
  errored: 'danger',
};

/** Slack, and what understands its incoming webhooks (Mattermost, Rocket.Chat). */
export const sendSlack: Send = async ({ id, to, template, payload, signal }) => {
  const room = readRoom(to);
  if (room === null) {
    return { dropped: 'A Slack room is a webhook URL, or account:token#channel.' };
  }
  await post(room.target, {
    body: JSON.stringify(messageOf(payload, template, room.channel)),
    headers: { 'content-type': 'application/json', 'sluice-delivery': String(id) },
    signal,
  });
  return 'sent';
};

/** `https://.../services/...`, either with `#channel` behind it, or the old `account:token#channel`. */
function readRoom(text: string): Room | null {
  const [address = '', channel = ''] = splitAtHash(text.trim());
  const named = channel === '' ? null : /^[#@]/.test(channel) ? channel : `#${channel}`;
  if (/^https?:\/\//i.test(address)) {
    const target = readHttpTarget(address);
    return target === null ? null : { target, channel: named };
  }
  const old = /^([\w-]+):([\w-]+)$/.exec(address);
  if (old === null) return null;
  const [, account = '', token = ''] = old;
  const url = `https://${account}.slack.com/services/hooks/travis?token=${encodeURIComponent(token)}`;
  return { target: { url, headers: {} }, channel: named };
}

function splitAtHash(text: string): [string, string] {
  const at = text.indexOf('#');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function messageOf(payload: Payload, template: readonly string[], channel: string | null) {
  const lines = template.length === 0 ? [DEFAULT_TEMPLATE] : template;
  const text = lines.map((line) => fillTemplate(line, payload)).join('\n');
  return {
    ...(channel === null ? {} : { channel }),
    attachments: [{ fallback: text, text, color: COLOURS[payload.state] ?? 'warning' }],
  };
}
