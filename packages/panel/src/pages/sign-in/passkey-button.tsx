import type { Session } from '@sluice/contract';
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { signInText } from '../../text/sign-in.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { signInWithPasskey } from './passkey.ts';

export function PasskeyButton({ onDone }: { onDone: (session: Session) => void }) {
  const signIn = useMutation({ mutationFn: signInWithPasskey, onSuccess: onDone });
  return (
    <div className="flex flex-col gap-3">
      <ErrorNote error={signIn.error} />
      <Button busy={signIn.isPending} onClick={() => signIn.mutate()}>
        <KeyRound aria-hidden className="size-4" />
        {signInText.passkey}
      </Button>
    </div>
  );
}
