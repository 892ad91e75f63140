import { accountText } from '../../text/account.ts';
import { CopyBlock } from '../../ui/copy.tsx';
import { Note } from '../../ui/notes.tsx';

/** The only time that a token is shown. */
export function MadeToken({ token }: { token: string }) {
  return (
    <div className="flex flex-col gap-4">
      <Note tone="warn">{accountText.tokenShownOnce}</Note>
      <CopyBlock label={accountText.token} text={token} />
      <CopyBlock
        label={accountText.forCommand}
        text={`sluice --zone ${location.origin} login ${token}`}
      />
    </div>
  );
}
