import type { Domain } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { domains as text } from '../../text/domains.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useControl } from '../running/use-control.ts';

/** Whether a name points here and has a certificate; nothing where nobody looks. */
export function DomainCheck({ domain, canWrite }: { domain: Domain; canWrite: boolean }) {
  const again = useControl(
    () => api.domains.check(domain.uuid),
    () => undefined,
  );
  const { check } = domain;
  if (check === null) return null;
  return (
    <div className="mt-2 flex flex-wrap items-center gap-3 text-sm">
      <p className={check.is_right ? 'text-muted' : 'font-medium'}>
        {check.detail}{' '}
        <span className="text-muted">
          {text.checkedAt(new Date(check.checked_at).toLocaleString())}
        </span>
      </p>
      {canWrite && !check.is_right && (
        <Button busy={again.isPending} onClick={() => again.mutate(undefined)}>
          {text.checkNow}
          <span className="sr-only"> {domain.display_name}</span>
        </Button>
      )}
      <ErrorNote error={again.error} />
    </div>
  );
}
