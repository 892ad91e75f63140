import type { TwoFactorBegun } from '@sluice/contract';
import { QRCodeSVG } from 'qrcode.react';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { accountText } from '../../text/account.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useFreshMutation } from './fresh.tsx';

/** Shows the secret to an authenticator app and asks for the first code made of it. */
export function TwoFactorSetup({
  begun,
  onConfirmed,
  onClose,
}: {
  begun: TwoFactorBegun;
  onConfirmed: (codes: readonly string[]) => void;
  onClose: () => void;
}) {
  const [code, setCode] = useState('');
  const confirm = useFreshMutation({
    mutationFn: () => api.account.twoFactor.confirm(code),
    onSuccess: ({ codes }) => onConfirmed(codes),
  });
  const wrong =
    confirm.error instanceof ApiError ? confirm.error.fields['code']?.join(' ') : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.run();
  };
  return (
    <Dialog title={accountText.setUpTitle} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-sm">{accountText.scan}</p>
        {/* Scanners want dark on light, whatever the theme. */}
        <div className="self-center rounded-md bg-white p-4">
          <QRCodeSVG value={begun.uri} size={184} title={accountText.qrCode} />
        </div>
        <CopyBlock label={accountText.orType} text={begun.secret} />
        {wrong === undefined && <ErrorNote error={confirm.error} />}
        <TextField
          label={accountText.firstCode}
          hint={accountText.firstCodeHint}
          error={wrong}
          value={code}
          onChange={setCode}
          autoComplete="one-time-code"
          inputMode="numeric"
          required
        />
        <Button kind="primary" type="submit" busy={confirm.busy}>
          {accountText.confirm}
        </Button>
      </form>
      {confirm.dialog}
    </Dialog>
  );
}
