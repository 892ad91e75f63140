import type { Domain } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { domains as text } from '../../text/domains.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/layout.tsx';
import { OutsideLink } from '../../ui/link.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { DomainCheck } from './domain-check.tsx';

/** One name, what to enter for it in the DNS, and what can be done with it. */
export function DomainItem({ domain, canWrite }: { domain: Domain; canWrite: boolean }) {
  const [isRemoving, setRemoving] = useState(false);
  const primary = useControl(
    () => api.domains.update(domain.uuid, { is_primary: !domain.is_primary }),
    () => undefined,
  );
  const redirect = useControl(
    () => api.domains.update(domain.uuid, { is_redirect: !domain.is_redirect }),
    () => undefined,
  );
  return (
    <li className="rounded-md border border-line p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="flex min-w-0 flex-wrap items-center gap-2 text-sm">
          <OutsideLink href={domain.url} note={text.opensElsewhere}>
            {domain.display_name}
          </OutsideLink>
          {domain.display_name !== domain.name && (
            <code className="font-mono text-xs break-all text-muted">{domain.name}</code>
          )}
          {domain.is_primary && (
            <span
              title={text.primaryHint}
              className="rounded-full bg-accent-soft px-2.5 py-0.5 text-xs font-medium text-accent"
            >
              {text.primary}
            </span>
          )}
          {domain.is_redirect && (
            <span title={text.redirectHint} className="text-xs text-muted">
              {text.redirects}
            </span>
          )}
        </p>
        {canWrite && (
          <div className="flex flex-wrap gap-2">
            <Button
              busy={primary.isPending}
              title={text.primaryHint}
              onClick={() => primary.mutate(undefined)}
            >
              {domain.is_primary ? text.noPrimary : text.makePrimary}
            </Button>
            {!domain.is_primary && (
              <Button
                busy={redirect.isPending}
                title={text.redirectHint}
                onClick={() => redirect.mutate(undefined)}
              >
                {domain.is_redirect ? text.noRedirect : text.makeRedirect}
              </Button>
            )}
            <Button kind="danger" onClick={() => setRemoving(true)}>
              {text.remove}
              <span className="sr-only"> {domain.display_name}</span>
            </Button>
          </div>
        )}
      </div>
      <ErrorNote error={primary.error ?? redirect.error} />
      <DomainCheck domain={domain} canWrite={canWrite} />
      <details className="mt-2 text-sm">
        <summary className="w-fit text-muted">{text.dns}</summary>
        <div className="mt-2 flex flex-col gap-2">
          <p className="max-w-prose">{domain.dns.hint}</p>
          {domain.dns.target !== null && (
            <div className="flex flex-wrap items-center gap-3">
              <Facts
                facts={[
                  [text.record, <code key="record">{`${domain.name} ${domain.dns.type}`}</code>],
                  [text.value, <code key="value">{domain.dns.target}</code>],
                ]}
              />
              <CopyButton text={domain.dns.target} />
            </div>
          )}
          {domain.check === null && <p className="max-w-prose text-muted">{text.tls}</p>}
        </div>
      </details>
      {isRemoving && <RemoveDialog domain={domain} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function RemoveDialog({ domain, onClose }: { domain: Domain; onClose: () => void }) {
  const say = useToast();
  const remove = useControl(
    () => api.domains.remove(domain.uuid),
    () => {
      onClose();
      say(text.removed(domain.display_name));
    },
  );
  return (
    <Confirm
      title={text.removeTitle(domain.display_name)}
      name={domain.display_name}
      action={text.remove}
      busy={remove.isPending}
      error={<ErrorNote error={remove.error} />}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.removeText}</p>
    </Confirm>
  );
}
