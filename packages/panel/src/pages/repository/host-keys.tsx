import type { HostKey, Repository } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** The keys by which the ssh host is known, and one that it shows instead, to be accepted or not. */
export function HostKeys({ source }: { source: Repository }) {
  const trusted = source.host_keys.filter(({ state }) => state === 'trusted');
  const offered = source.host_keys.filter(({ state }) => state === 'offered');
  return (
    <>
      {offered.map((key) => (
        <Offered key={key.fingerprint} source={source} hostKey={key} />
      ))}
      {trusted.length > 0 && (
        <div className="flex flex-col gap-1">
          <h3 className="text-sm font-medium">{text.hostKeys}</h3>
          <Table
            caption={text.hostKeys}
            rows={trusted}
            rowKey={({ fingerprint }) => fingerprint}
            columns={[
              { title: text.host, cell: ({ host }) => host },
              { title: text.keyType, cell: (key) => key.key_type, wide: true },
              {
                title: text.fingerprint,
                cell: ({ fingerprint }) => <code className="break-all text-xs">{fingerprint}</code>,
              },
            ]}
          />
          <p className="text-xs text-muted">{text.hostKeysHint}</p>
        </div>
      )}
    </>
  );
}

function Offered({ source, hostKey }: { source: Repository; hostKey: HostKey }) {
  const { host, fingerprint } = hostKey;
  const [isAsking, setAsking] = useState(false);
  const say = useToast();
  const accept = useControl(
    () => api.sources.acceptHostKey(source.uuid, fingerprint),
    () => say(text.accepted),
  );
  return (
    <Note tone="warn">
      <p className="break-words">{text.hostKeyOffered(host, fingerprint)}</p>
      <Button className="mt-2" onClick={() => setAsking(true)}>
        {text.accept}
      </Button>
      {isAsking && (
        <Confirm
          title={text.accept}
          action={text.accept}
          busy={accept.isPending}
          error={<ErrorNote error={accept.error} />}
          onConfirm={() => accept.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          <p className="break-words">{text.acceptText(host, fingerprint)}</p>
        </Confirm>
      )}
    </Note>
  );
}
