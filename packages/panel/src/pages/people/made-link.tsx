import type { AccountLink } from '@sluice/contract';
import { peopleText as text } from '../../text/people.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { Note } from '../../ui/notes.tsx';
import { exactTime } from '../../ui/time.tsx';

/** The only time that a link is shown. */
export function MadeLink({ link, onClose }: { link: AccountLink; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <Note tone="warn">
        {text.linkText} {text.linkUntil} {exactTime(new Date(link.expires_at))}.
      </Note>
      <CopyBlock label={text.link} text={link.url} />
      <Button onClick={onClose}>{text.done}</Button>
    </div>
  );
}
