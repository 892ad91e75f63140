import type { Deployment } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { ErrorNote, Loading } from '../../ui/notes.tsx';

/** What the pipeline wrote. */
export function DeploymentLog({ deployment }: { deployment: Deployment }) {
  const log = useQuery({
    queryKey: keys.deployment(deployment.uuid, 'log'),
    queryFn: () => api.deployments.logs(deployment.uuid),
  });
  if (log.isError) return <ErrorNote error={log.error} />;
  if (log.data === undefined) return <Loading />;
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-md bg-log p-3 font-mono text-xs text-log-ink"
    >
      {log.data.logs}
    </pre>
  );
}
