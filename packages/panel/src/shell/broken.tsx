import { useQueryClient } from '@tanstack/react-query';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useEffect } from 'react';
import { isMissing } from '../api/client.ts';
import { common } from '../text/common.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { PageHeader } from '../ui/layout.tsx';
import { ErrorNote } from '../ui/notes.tsx';
import { useDocumentState } from './document-state.ts';

export function NotFound() {
  useDocumentState(common.notFoundTitle);
  return (
    <>
      <PageHeader title={common.notFoundTitle} />
      <p className="mb-4 max-w-prose text-sm">{common.notFoundText}</p>
      <ButtonLink to="/">{common.toDashboard}</ButtonLink>
    </>
  );
}

/** So often a broken page asks whether its data are others by now, where nobody tells it. */
const LOOK_MS = 10_000;

/**
 * A page that threw: the frame stays, the sentence says what happened, and there is a way on. It is tried again by itself
 * as soon as anything that it may have shown is different, for a page that threw asks for nothing any more.
 */
export function Broken({ error, reset }: ErrorComponentProps) {
  const ask = useRecovery(reset);
  if (isMissing(error)) return <NotFound />;
  return (
    <>
      <PageHeader title={common.crashTitle} />
      <p className="mb-3 max-w-prose text-sm">{common.crashText}</p>
      <ErrorNote error={error} />
      <div className="mt-4 flex gap-2">
        <Button onClick={() => void ask().then(reset)}>{common.tryAgain}</Button>
        <Button onClick={() => location.reload()}>{common.reload}</Button>
      </div>
    </>
  );
}

/** Calls `reset` when an answer of the server has changed; what it answers asks for all of them again. */
function useRecovery(reset: () => void): () => Promise<void> {
  const queryClient = useQueryClient();
  useEffect(() => {
    const cache = queryClient.getQueryCache();
    const known = new Map(cache.getAll().map((query) => [query.queryHash, query.state.data]));
    const off = cache.subscribe((event) => {
      if (event.type !== 'updated') return;
      const { query, action } = event;
      // Nobody watches what the page watched, so nobody would fetch it.
      if (action.type === 'invalidate' && !query.isActive()) void query.fetch().catch(() => {});
      // Answers that are equal to those before are the same objects.
      if (action.type === 'success' && known.get(query.queryHash) !== query.state.data) reset();
    });
    const timer = setInterval(() => {
      void queryClient.refetchQueries({ type: 'inactive' });
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      off();
    };
  }, [queryClient, reset]);
  return () => queryClient.refetchQueries({ type: 'inactive' });
}
