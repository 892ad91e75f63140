import type { Environment } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { environment as text } from '../../text/running.ts';
import { Button } from '../../ui/button.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** How many instances serve, and the way to have more or fewer. */
export function Scale({
  environment,
  isServing,
  canDeploy,
}: {
  environment: Environment;
  /** Something is live and not stopped, so that a change can be had at once. */
  isServing: boolean;
  canDeploy: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{text.scale}</Button>
      {isOpen && (
        <ScaleDialog
          environment={environment}
          canApply={isServing && canDeploy}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** As the server takes them. */
const MOST = 32;

function ScaleDialog({
  environment: { uuid, slug, instances },
  canApply,
  onClose,
}: {
  environment: Environment;
  canApply: boolean;
  onClose: () => void;
}) {
  const [count, setCount] = useState(String(instances));
  const [isNow, setNow] = useState(canApply);
  const say = useToast();
  const scale = useControl(
    async () => {
      await api.environments.update(uuid, { instances: Number(count) });
      if (isNow) await api.environments.restart(uuid);
    },
    () => {
      onClose();
      say(isNow ? text.scaled(Number(count)) : text.scaledLater(Number(count)));
    },
  );
  const complaint =
    scale.error instanceof ApiError ? scale.error.fields['instances']?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.scaleTitle(slug)}
      action={text.scale}
      busy={scale.isPending}
      // After a restart that failed the number is kept already: that can be tried again.
      disabled={Number(count) === instances && !scale.isError}
      onSubmit={() => scale.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.instanceCount}
        hint={text.instanceCountHint(MOST)}
        error={complaint}
        type="number"
        min={1}
        max={MOST}
        step={1}
        value={count}
        onChange={setCount}
        required
      />
      {canApply && (
        <Checkbox
          label={text.scaleNow}
          hint={text.scaleNowHint}
          checked={isNow}
          onChange={setNow}
        />
      )}
      {!canApply && <p className="text-sm text-muted">{text.scaleLater}</p>}
      {complaint === undefined && <ErrorNote error={scale.error} />}
    </FormDialog>
  );
}
