import { ApplicationLog } from '../../ui/log/index.tsx';

/** What the application itself writes, from the newest lines on. */
export function EnvironmentLog({ environmentUuid }: { environmentUuid: string }) {
  return <ApplicationLog environment={environmentUuid} />;
}
