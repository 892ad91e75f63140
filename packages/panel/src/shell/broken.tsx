import type { ErrorComponentProps } from '@tanstack/react-router';
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

/** A page that threw: the frame stays, the sentence says what happened, and there is a way on. */
export function Broken({ error, reset }: ErrorComponentProps) {
  if (isMissing(error)) return <NotFound />;
  return (
    <>
      <PageHeader title={common.crashTitle} />
      <p className="mb-3 max-w-prose text-sm">{common.crashText}</p>
      <ErrorNote error={error} />
      <div className="mt-4 flex gap-2">
        <Button onClick={reset}>{common.tryAgain}</Button>
        <Button onClick={() => location.reload()}>{common.reload}</Button>
      </div>
    </>
  );
}
