import type { ApplicationLine, Repository } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { deliveriesQuery } from './queries.ts';

/** What came by webhook, the newest first. */
export function Deliveries({
  application,
  source,
}: {
  application: ApplicationLine;
  source: Repository;
}) {
  const { data } = useSuspenseQuery(deliveriesQuery(application.uuid, source.uuid));
  const say = useToast();
  const again = useControl(
    (uuid: string) => api.sources.redeliver(source.uuid, uuid),
    () => say(text.redelivered),
  );
  if (data.length === 0) return <p className="text-sm">{text.noDeliveries}</p>;
  return (
    <>
      <ErrorNote error={again.error} />
      <Table
        caption={text.deliveries}
        rows={data}
        rowKey={(one) => one.uuid}
        columns={[
          { title: text.received, cell: (one) => <Time at={one.received_at} /> },
          { title: text.event, cell: (one) => one.event },
          {
            title: text.result,
            cell: (one) => (
              <div className="min-w-40">
                <p className="font-medium">{one.state}</p>
                <p className="text-muted">{one.result}</p>
              </div>
            ),
          },
          {
            title: text.redeliver,
            cell: (one) =>
              ['done', 'failed'].includes(one.state) && (
                <Button kind="quiet" onClick={() => again.mutate(one.uuid)}>
                  {text.redeliver}
                </Button>
              ),
          },
        ]}
      />
    </>
  );
}
