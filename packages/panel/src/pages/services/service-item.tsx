import type { ServiceInstance } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { services as text } from '../../text/services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/layout.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { serviceName } from './names.ts';

/** One service: how it is, and by which variables releases find it. */
export function ServiceItem({
  service,
  canWrite,
}: {
  service: ServiceInstance;
  canWrite: boolean;
}) {
  const [isRemoving, setRemoving] = useState(false);
  const { service_status: status, problem, image, mount_path: mount } = service;
  const name = serviceName(service);
  return (
    <li className="rounded-md border border-line p-3">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <p className="flex min-w-0 flex-wrap items-center gap-2">
          <span className="font-medium">{service.name}</span>
          <span className="text-xs text-muted">{text.prefixOf(service.prefix)}</span>
          <StateBadge state={text.looks[status] ?? status} label={text.states[status] ?? status} />
        </p>
        {canWrite && (
          <Button kind="danger" aria-label={text.removeOf(name)} onClick={() => setRemoving(true)}>
            {text.remove}
          </Button>
        )}
      </div>
      {problem !== null && (
        <div className="mb-3">
          <Note tone="warn">{problem}</Note>
        </div>
      )}
      <Facts
        facts={[
          [text.variables, <Variables key="variables" service={service} />],
          ...(mount === null ? [] : [[text.mount, <code key="mount">{mount}</code>] as const]),
          ...(image === null ? [] : [[text.image, <code key="image">{image}</code>] as const]),
          [
            text.since,
            <span key="since">
              <Time at={service.created_at} /> {text.by(service.created_by)}
            </span>,
          ],
        ]}
      />
      {isRemoving && <RemoveDialog service={service} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function Variables({ service: { variables } }: { service: ServiceInstance }) {
  return (
    <>
      <ul className="flex flex-wrap gap-x-3 gap-y-1">
        {variables.map(({ name, is_overridden }) => (
          <li key={name}>
            <code className="font-mono text-xs">{name}</code>
            {is_overridden && <span className="text-xs text-warn"> ({text.overridden})</span>}
          </li>
        ))}
      </ul>
      <p className="text-xs text-muted">{text.variablesHint}</p>
    </>
  );
}

function RemoveDialog({ service, onClose }: { service: ServiceInstance; onClose: () => void }) {
  const say = useToast();
  const name = serviceName(service);
  const remove = useControl(
    () => api.serviceInstances.remove(service.uuid),
    () => {
      onClose();
      say(text.removed(name));
    },
  );
  return (
    <Confirm
      title={text.removeTitle(name)}
      name={name}
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
