import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { useSession } from '../../api/session.ts';
import { accountText } from '../../text/account.ts';
import { signInText } from '../../text/sign-in.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { PasskeyButton } from '../sign-in/passkey-button.tsx';
import { PasswordForm } from '../sign-in/password-form.tsx';
import { securityQuery } from './queries.ts';

interface FreshMutation<Given> {
  readonly run: (given: Given) => void;
  readonly busy: boolean;
  readonly error: Error | null;
  /** Asks to sign in again where it is needed; shows nothing otherwise. Must be rendered. */
  readonly dialog: ReactNode;
}

/** A change that the server makes only shortly after a sign-in: asks for one where it was too long ago, then goes on. */
export function useFreshMutation<Result, Given = void>(options: {
  readonly mutationFn: (given: Given) => Promise<Result>;
  readonly onSuccess?: (result: Result) => unknown;
}): FreshMutation<Given> {
  const queryClient = useQueryClient();
  const mutation = useMutation<Result, Error, Given>({
    mutationFn: options.mutationFn,
    onSuccess: (result) => options.onSuccess?.(result),
  });
  const isStale = mutation.error instanceof ApiError && mutation.error.reason === 'sign_in_again';
  const again = async () => {
    await queryClient.invalidateQueries({ queryKey: keys.account('sessions') });
    mutation.mutate(mutation.variables as Given);
  };
  return {
    run: mutation.mutate,
    busy: mutation.isPending,
    error: isStale ? null : mutation.error,
    dialog: isStale ? (
      <ConfirmIdentity onDone={() => void again()} onClose={mutation.reset} />
    ) : null,
  };
}

function ConfirmIdentity({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { user } = useSession();
  const queryClient = useQueryClient();
  const security = useQuery(securityQuery);
  const options = useQuery({ queryKey: keys.signInOptions(), queryFn: api.session.options });
  const oidc = options.data?.oidc ?? null;
  const hasPassword = security.data?.has_password ?? true;
  const hasPasskeys = options.data?.passkeys === true && security.data?.passkeys.length !== 0;
  const done = (session: Parameters<Parameters<typeof PasswordForm>[0]['onDone']>[0]) => {
    queryClient.setQueryData(keys.session(), session);
    onDone();
  };
  return (
    <Dialog title={accountText.confirmTitle} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <p className="text-sm">{accountText.confirmText}</p>
        {hasPassword && <PasswordForm email={user.email} onDone={done} />}
        {hasPasskeys && <PasskeyButton onDone={done} />}
        {oidc !== null && (
          <Button
            onClick={() =>
              location.assign(`${oidc.url}?next=${encodeURIComponent(location.pathname)}`)
            }
          >
            {signInText.withProvider(oidc.name)}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
