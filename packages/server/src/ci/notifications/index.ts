import type { Context } from '../dependencies.ts';
import { createMailSender } from './mail.ts';
import { createOutbox } from './outbox.ts';
import { createSigner } from './signer.ts';
import { sendSlack } from './slack.ts';
import { createWebhookSender } from './webhook.ts';

/** Tells people and programs how builds go (spec/travis.md 9). */
export interface Notifications {
  start(): void;
  stop(): Promise<void>;
  /** PEM of the key that signs webhooks. */
  webhookKey(): Promise<string>;
}

export function createNotifications(context: Context): Notifications {
  const { notify } = context;
  const signer = createSigner(notify.keyFile);
  const mail = createMailSender({ smtpUrl: notify.smtpUrl, from: notify.mailFrom });
  const outbox = createOutbox(context, {
    email: mail,
    webhooks: createWebhookSender(signer),
    slack: sendSlack,
  });
  return {
    start: outbox.start,
    stop: async () => {
      await outbox.stop();
      mail.close();
    },
    webhookKey: signer.publicKey,
  };
}
