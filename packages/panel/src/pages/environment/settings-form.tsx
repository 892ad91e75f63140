import type { Environment } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { environment as text } from '../../text/running.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox, SelectField, TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Which commits go live here, and when. */
export function SettingsForm({
  environment,
  canWrite,
}: {
  environment: Environment;
  canWrite: boolean;
}) {
  const [branch, setBranch] = useState(environment.branch);
  const [autoDeploy, setAutoDeploy] = useState(environment.auto_deploy);
  const [requireBuild, setRequireBuild] = useState<string>(environment.require_build);
  const say = useToast();
  const save = useControl(
    () =>
      api.environments.update(environment.uuid, {
        branch: branch.trim(),
        auto_deploy: autoDeploy,
        require_build: requireBuild,
      }),
    () => say(common.saved),
  );
  const complaint =
    save.error instanceof ApiError ? save.error.fields['branch']?.join(' ') : undefined;
  const isChanged =
    branch.trim() !== environment.branch ||
    autoDeploy !== environment.auto_deploy ||
    requireBuild !== environment.require_build;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <TextField
        label={text.settingsBranch}
        hint={text.settingsBranchHint}
        error={complaint}
        value={branch}
        onChange={setBranch}
        disabled={!canWrite}
        autoComplete="off"
        spellCheck={false}
      />
      <Checkbox
        label={text.autoDeploy}
        hint={text.autoDeployHint}
        checked={autoDeploy}
        onChange={setAutoDeploy}
        disabled={!canWrite}
      />
      <SelectField
        label={text.requireBuild}
        value={requireBuild}
        onChange={setRequireBuild}
        disabled={!canWrite}
      >
        {Object.entries(text.requireBuildOptions).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      {complaint === undefined && <ErrorNote error={save.error} />}
      {canWrite && (
        <Button
          kind="primary"
          type="submit"
          busy={save.isPending}
          disabled={!isChanged}
          className="self-start"
        >
          {common.save}
        </Button>
      )}
    </form>
  );
}
