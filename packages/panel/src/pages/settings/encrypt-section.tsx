import type { ApplicationLine } from '@sluice/contract';
import { isTooShortToMask } from '@sluice/contract/masking';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { settings as text } from '../../text/settings.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { TextField } from '../../ui/field.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { Note } from '../../ui/notes.tsx';
import { encrypt, longestFor, readPublicKey } from './encrypt.ts';
import { repositoryKeyQuery } from './queries.ts';

/** Encrypting for `.travis.yml`, here in the browser or on the command line. */
export function EncryptSection({
  application,
  slug,
}: {
  application: ApplicationLine;
  slug: string;
}) {
  const { data: key } = useSuspenseQuery(
    repositoryKeyQuery(application.uuid, application.repository_uuid),
  );
  return (
    <Section title={text.secrets}>
      <div className="flex flex-col gap-5">
        <p className="max-w-prose text-sm text-muted">{text.secretsHint}</p>
        <EncryptForm pem={key.pem} />
        <CopyBlock
          label={text.onCommandLine}
          text={`sluice encrypt NAME=value --add --remote-id ${application.id}`}
        />
        <CopyBlock
          label={text.withTravis}
          text={`travis encrypt NAME=value --add -r ${slug} -e ${location.origin}/`}
        />
        <details className="text-sm">
          <summary className="cursor-pointer py-1">{text.publicKey}</summary>
          <div className="mt-2 flex flex-col gap-3">
            <Facts facts={[[text.fingerprint, <code key="fingerprint">{key.fingerprint}</code>]]} />
            <CopyBlock label={text.publicKey} text={key.pem} />
          </div>
        </details>
      </div>
    </Section>
  );
}

interface Encrypted {
  readonly secure: string;
  readonly isAssignment: boolean;
  readonly isShort: boolean;
}

function EncryptForm({ pem }: { pem: string }) {
  const [plain, setPlain] = useState('');
  const [done, setDone] = useState<Encrypted | null>(null);
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setDone(null);
    setError(undefined);
    try {
      const key = readPublicKey(pem);
      const { length } = new TextEncoder().encode(plain);
      if (length > longestFor(key)) {
        setError(text.tooLong(length, longestFor(key)));
        return;
      }
      setDone({
        secure: encrypt(key, plain),
        isAssignment: /^\w+=/.test(plain),
        isShort: isTooShortToMask(plain),
      });
      setPlain('');
    } catch {
      setError(text.badKey);
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="max-w-lg">
        <TextField
          label={text.plain}
          hint={text.plainHint}
          value={plain}
          onChange={setPlain}
          error={error}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <div>
        <Button type="submit" disabled={plain === ''}>
          {text.encrypt}
        </Button>
      </div>
      <div aria-live="polite" className="flex flex-col gap-3">
        {done !== null && !done.isAssignment && <Note tone="warn">{text.noAssignment}</Note>}
        {done?.isShort === true && <Note tone="warn">{text.tooShort}</Note>}
        {done !== null && (
          <CopyBlock
            label={text.encrypted}
            text={`env:\n  global:\n    - secure: "${done.secure}"`}
          />
        )}
      </div>
    </form>
  );
}
