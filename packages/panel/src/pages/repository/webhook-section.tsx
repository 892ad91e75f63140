import type { ApplicationLine, Repository, WebhookMade } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { Deliveries } from './deliveries.tsx';
import { WebhookConfirm } from './webhook-confirm.tsx';

type Provider = keyof typeof text.kinds;
const PROVIDERS = Object.keys(text.kinds) as Provider[];

/** The address and secret to enter at the host, whether something arrived, and what came. */
export function WebhookSection({
  application,
  source,
}: {
  application: ApplicationLine;
  source: Repository;
}) {
  const { webhook } = source;
  const [provider, setProvider] = useState<Provider>(guess(source));
  const [made, setMade] = useState<WebhookMade | null>(null);
  const [asking, setAsking] = useState<'renew' | 'remove' | null>(null);
  const say = useToast();
  const make = useControl(
    () => api.sources.makeWebhook(source.uuid, provider),
    (answer) => {
      setAsking(null);
      setMade(answer);
    },
  );
  const remove = useControl(
    () => api.sources.removeWebhook(source.uuid),
    () => {
      setAsking(null);
      setMade(null);
      say(text.webhookRemoved);
    },
  );
  return (
    <Section
      title={text.webhook}
      actions={
        webhook !== null && (
          <Button kind="danger" onClick={() => setAsking('remove')}>
            {text.webhookRemove}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4">
        {webhook === null ? (
          <p className="max-w-prose text-sm text-muted">{text.webhookNone}</p>
        ) : (
          <Note tone={webhook.last_delivery_at === null ? 'info' : 'good'}>
            <span aria-live="polite">
              {webhook.last_delivery_at === null ? text.waiting : text.arrived}
            </span>
          </Note>
        )}
        <div className="flex flex-wrap items-end gap-3">
          <SelectField
            label={text.webhookKind}
            value={provider}
            onChange={(value) => setProvider(value as Provider)}
          >
            {PROVIDERS.map((kind) => (
              <option key={kind} value={kind}>
                {text.kinds[kind]}
              </option>
            ))}
          </SelectField>
          <Button
            busy={make.isPending}
            onClick={() => (webhook === null ? make.mutate(undefined) : setAsking('renew'))}
          >
            {webhook === null ? text.webhookMake : text.webhookNew}
          </Button>
        </div>
        {asking === null && <ErrorNote error={make.error} />}
        {webhook !== null && (
          <CopyBlock label={text.webhookAddress} text={made?.url ?? webhook.url} />
        )}
        {made !== null && <CopyBlock label={text.webhookSecret} text={made.secret} />}
        {webhook !== null && (
          <>
            <p className="text-xs text-muted">{text.instructions[provider]}</p>
            <Deliveries application={application} source={source} />
          </>
        )}
      </div>
      {asking !== null && (
        <WebhookConfirm
          what={asking}
          act={asking === 'renew' ? make : remove}
          onClose={() => setAsking(null)}
        />
      )}
    </Section>
  );
}

/** The kind that was chosen before, else what the address suggests. */
function guess({ url, webhook }: Repository): Provider {
  const chosen = PROVIDERS.find((kind) => kind === webhook?.provider);
  if (chosen !== undefined) return chosen;
  return PROVIDERS.find((kind) => url.includes(`${kind}.`)) ?? 'generic';
}
