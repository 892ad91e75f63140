import type { ApplicationLine, Repository, WebhookMade } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useControl } from '../running/use-control.ts';
import { Deliveries } from './deliveries.tsx';

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
  const [provider, setProvider] = useState<Provider>(guess(source));
  const [made, setMade] = useState<WebhookMade | null>(null);
  const make = useControl(() => api.sources.makeWebhook(source.uuid, provider), setMade);
  const { webhook } = source;
  return (
    <Section title={text.webhook}>
      <div className="flex flex-col gap-4">
        {webhook === null && <p className="max-w-prose text-sm text-muted">{text.webhookNone}</p>}
        {webhook !== null && (
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
          <Button busy={make.isPending} onClick={() => make.mutate(undefined)}>
            {webhook === null ? text.webhookMake : text.webhookNew}
          </Button>
        </div>
        <ErrorNote error={make.error} />
        {(made !== null || webhook !== null) && (
          <CopyBlock label={text.webhookAddress} text={made?.url ?? webhook?.url ?? ''} />
        )}
        {made !== null && (
          <>
            <CopyBlock label={text.webhookSecret} text={made.secret} />
            <p className="text-xs text-muted">{text.webhookEvents}</p>
          </>
        )}
        {webhook !== null && <Deliveries application={application} source={source} />}
      </div>
    </Section>
  );
}

/** The kind that was chosen before, else what the address suggests. */
function guess({ url, webhook }: Repository): Provider {
  const chosen = PROVIDERS.find((kind) => kind === webhook?.provider);
  if (chosen !== undefined) return chosen;
  return PROVIDERS.find((kind) => url.includes(`${kind}.`)) ?? 'generic';
}
