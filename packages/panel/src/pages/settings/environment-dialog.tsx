import type { Environment } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { settings as text } from '../../text/settings.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** The branch of an environment and the rules of what goes live in it. */
export function EnvironmentDialog({
  environment,
  onClose,
}: {
  environment: Environment;
  onClose: () => void;
}) {
  const [branch, setBranch] = useState(environment.branch);
  const [auto, setAuto] = useState(environment.auto_deploy);
  const [requireBuild, setRequireBuild] = useState<string>(environment.require_build);
  const say = useToast();
  const save = useControl(
    () =>
      api.environments.update(environment.uuid, {
        branch: branch.trim(),
        auto_deploy: auto,
        require_build: requireBuild,
      }),
    () => {
      onClose();
      say(text.environmentChanged(environment.slug));
    },
  );
  const complaint =
    save.error instanceof ApiError ? save.error.fields['branch']?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.editOf(environment.slug)}
      action={common.save}
      busy={save.isPending}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.branch}
        value={branch}
        onChange={setBranch}
        error={complaint}
        spellCheck={false}
        required
      />
      <Checkbox label={text.auto} hint={text.autoHint} checked={auto} onChange={setAuto} />
      <SelectField label={text.requireBuild} value={requireBuild} onChange={setRequireBuild}>
        {Object.entries(text.requireChoices).map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </SelectField>
      {complaint === undefined && <ErrorNote error={save.error} />}
    </FormDialog>
  );
}
