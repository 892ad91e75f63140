import { useQueryClient } from '@tanstack/react-query';
import { WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Connection, followChanges } from '../api/events.ts';
import { common } from '../text/common.ts';

/** A broken connection is shown only when it lasts: most come back before anyone would notice. */
const SHOWN_AFTER_MS = 3_000;

/** Follows the server's changes while the frame is shown, and says when that fails. */
export function ConnectionNote() {
  const queryClient = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const [shown, setShown] = useState(false);
  useEffect(() => followChanges(queryClient, setConnection), [queryClient]);
  useEffect(() => {
    if (connection !== 'lost') {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [connection]);
  return (
    <div role="status">
      {shown && (
        <p className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-1.5 text-sm text-warn">
          <WifiOff aria-hidden className="size-4" />
          {common.offline}
        </p>
      )}
    </div>
  );
}
