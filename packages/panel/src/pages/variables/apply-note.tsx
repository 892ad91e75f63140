import type { EnvironmentLine } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { variables as text } from '../../text/variables.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useControl, useShowDeployment } from '../running/use-control.ts';

/** After a change: it needs a deployment, which is offered for the commit that is live. */
export function ApplyNote({ environment }: { environment: EnvironmentLine }) {
  const show = useShowDeployment();
  const commit = environment.live?.commit.sha;
  const deploy = useControl(
    () =>
      api.deployments.create({
        environment: environment.uuid,
        override_hold: environment.hold !== null,
        ...(commit === undefined ? {} : { commit }),
      }),
    (deployment) => show(deployment.uuid),
  );
  return (
    <Note>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span>{text.applies}</span>
        {commit !== undefined && (
          <Button busy={deploy.isPending} onClick={() => deploy.mutate(undefined)}>
            {text.apply}
          </Button>
        )}
      </div>
      <ErrorNote error={deploy.error} />
    </Note>
  );
}
