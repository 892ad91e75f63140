import type { ErrorComponentProps } from '@tanstack/react-router';
import { isMissing } from '../api/client.ts';
import { common } from '../text/common.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { Empty, ErrorNote } from '../ui/notes.tsx';

export function NotFound() {
  return (
    <Empty
      title={common.notFoundTitle}
      action={<ButtonLink to="/">{common.toDashboard}</ButtonLink>}
    >
      {common.notFoundText}
    </Empty>
  );
}

/** A page that threw: the frame stays, the sentence says what happened, and there is a way on. */
export function Broken({ error, reset }: ErrorComponentProps) {
  if (isMissing(error)) return <NotFound />;
  return (
    <Empty
      title={common.crashTitle}
      action={
        <div className="flex gap-2">
          <Button onClick={reset}>{common.tryAgain}</Button>
          <Button onClick={() => location.reload()}>{common.reload}</Button>
        </div>
      }
    >
      <p className="mb-3">{common.crashText}</p>
      <ErrorNote error={error} />
    </Empty>
  );
}
