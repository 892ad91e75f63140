import { createTransport } from 'nodemailer';
import type { Send } from './outbox.ts';
import type { Payload } from './payload.ts';
import { slugOf, spoken, subjectOf } from './template.ts';

export interface MailSettings {
  /** `smtp://user:password@host:587` or `smtps://...`; empty: no email is sent. */
  readonly smtpUrl: string;
  readonly from: string;
}

const ADDRESS = /^[^\s@<>,;:"]{1,64}@[^\s@<>,;:"]{1,255}$/;
const CONNECT_MS = 10_000;

/** Email over SMTP, with STARTTLS wherever the server offers it. */
export function createMailSender({ smtpUrl, from }: MailSettings): Send & { close(): void } {
  if (smtpUrl === '') {
    const none: Send = async () => ({ dropped: 'No SMTP server is set (smtp_url).' });
    return Object.assign(none, { close: () => undefined });
  }
  const transport = createTransport(
    {
      url: smtpUrl,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: CONNECT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  const send: Send = async ({ id, to, payload }) => {
    if (!ADDRESS.test(to)) return { dropped: 'This is no email address.' };
    const host = from.split('@')[1]?.replace(/[^\w.-].*$/s, '') || 'sluice.invalid';
    await transport.sendMail({
      to,
      subject: subject(payload),
      text: body(payload),
      // The same for every attempt: a repetition is recognised as one.
      messageId: `<notification-${id}@${host}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Sluice-Repository': slugOf(payload) },
    });
    return 'sent';
  };
  return Object.assign(send, { close: () => transport.close() });
}

function subject(payload: Payload): string {
  return `${payload.status_message}: ${slugOf(payload)}#${payload.number} (${payload.branch} - ${payload.commit.slice(0, 7)})`;
}

function body(payload: Payload): string {
  const jobs = payload.matrix
    .filter((job) => job.state !== 'passed')
    .map((job) => `  ${job.number} ${job.state}: ${job.url}`);
  return [
    `Build #${payload.number} of ${slugOf(payload)}: ${payload.status_message}`,
    '',
    `Branch:   ${payload.branch}`,
    `Commit:   ${payload.commit.slice(0, 12)} ${subjectOf(payload)}`,
    `Author:   ${payload.author_name ?? 'unknown'}`,
    `Duration: ${spoken(payload.duration ?? 0)}`,
    '',
    payload.build_url,
    ...(jobs.length === 0 ? [] : ['', 'Jobs that did not pass:', ...jobs]),
    '',
  ].join('\n');
}
