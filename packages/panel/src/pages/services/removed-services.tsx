import type { ServiceInstance } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { services as text } from '../../text/services.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { serviceName } from './names.ts';

/** The way back for those that were removed lately. */
export function RemovedServices({
  services,
  canWrite,
}: {
  services: readonly ServiceInstance[];
  canWrite: boolean;
}) {
  return (
    <Section title={text.removedTitle}>
      <Table
        caption={text.removedList}
        rows={services}
        rowKey={({ uuid }) => uuid}
        columns={[
          { title: text.name, cell: serviceName },
          {
            title: text.keptUntil,
            cell: ({ kept_until }) =>
              kept_until === null ? common.never : <Time at={kept_until} />,
          },
          ...(canWrite
            ? [{ title: text.actions, cell: (one: ServiceInstance) => <Restore service={one} /> }]
            : []),
        ]}
      />
    </Section>
  );
}

function Restore({ service }: { service: ServiceInstance }) {
  const say = useToast();
  const name = serviceName(service);
  const restore = useControl(
    () => api.serviceInstances.restore(service.uuid, {}),
    () => say(text.restored(name)),
  );
  return (
    <>
      <Button
        aria-label={text.restoreOf(name)}
        busy={restore.isPending}
        onClick={() => restore.mutate(undefined)}
      >
        {text.restore}
      </Button>
      <ErrorNote error={restore.error} />
    </>
  );
}
