import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { ErrorNote, Loading } from '../../ui/notes.tsx';

/** What the application itself writes, the newest lines. */
export function EnvironmentLog({ environmentUuid }: { environmentUuid: string }) {
  const log = useQuery({
    queryKey: keys.environment(environmentUuid, 'log'),
    queryFn: () => api.environments.logs(environmentUuid),
    refetchInterval: 1_000,
  });
  if (log.isError) return <ErrorNote error={log.error} />;
  if (log.data === undefined) return <Loading />;
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-md bg-log p-3 font-mono text-xs text-log-ink"
    >
      {log.data.results.map(({ service, message }) => `${service}  ${message}\n`)}
    </pre>
  );
}
