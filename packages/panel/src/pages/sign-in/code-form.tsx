import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { signInText } from '../../text/sign-in.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';

/** Asks for the code of the authenticator app, or for a recovery code. */
export function CodeForm({
  busy,
  error,
  onCode,
  onCancel,
}: {
  busy: boolean;
  error: unknown;
  onCode: (code: string) => void;
  onCancel: () => void;
}) {
  const [code, setCode] = useState('');
  const [isRecovery, setRecovery] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const wrong = error instanceof ApiError ? error.fields['code']?.join(' ') : undefined;

  // The field is what one came for: at first, after a wrong code, and when its kind changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs for these changes and uses none of them
  useEffect(() => form.current?.querySelector('input')?.select(), [error, isRecovery]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() !== '') onCode(code);
  };
  const kind = isRecovery
    ? { label: signInText.recoveryCode, hint: signInText.recoveryHint }
    : { label: signInText.code, hint: signInText.codeHint, inputMode: 'numeric' as const };

  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-sm">{signInText.codeIntro}</p>
      {wrong === undefined && <ErrorNote error={error} />}
      <TextField
        {...kind}
        key={kind.label}
        name="code"
        value={code}
        onChange={setCode}
        error={wrong}
        autoComplete={isRecovery ? 'off' : 'one-time-code'}
        spellCheck={false}
        required
      />
      <Button kind="primary" type="submit" busy={busy}>
        {signInText.continue}
      </Button>
      <div className="flex flex-wrap justify-between gap-2">
        <Button
          kind="quiet"
          onClick={() => {
            setRecovery(!isRecovery);
            setCode('');
          }}
        >
          {isRecovery ? signInText.useApp : signInText.useRecovery}
        </Button>
        <Button kind="quiet" onClick={onCancel}>
          {signInText.startAgain}
        </Button>
      </div>
    </form>
  );
}
