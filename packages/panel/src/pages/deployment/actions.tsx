import type {
  ApplicationLine,
  Deployment,
  DeploymentStory,
  EnvironmentLine,
} from '@sluice/contract';
import { useState } from 'react';
import { useCan } from '../../api/session.ts';
import { running as text } from '../../text/running.ts';
import { Button } from '../../ui/button.tsx';
import { ResumeDialog } from '../running/resume-dialog.tsx';
import { RollbackDialog } from '../running/rollback-dialog.tsx';
import { AgainDialog } from './again-dialog.tsx';
import { CancelDialog } from './cancel-dialog.tsx';

type Asked = 'again' | 'cancel' | 'rollback' | 'resume';

/** What can be done with a deployment now; nothing is offered that could only be refused. */
export function Actions({
  application,
  environment,
  deployment,
  release,
}: {
  application: ApplicationLine;
  environment: EnvironmentLine;
  deployment: Deployment;
  release: DeploymentStory['release'];
}) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const can = useCan();
  if (!can(application.organisation, 'application:deploy')) return null;
  const close = () => setAsked(null);
  const isEnded = deployment.ended_at !== null;
  const canRollBack = isEnded && release?.kept === true && !release.is_live;
  const { commit } = deployment;
  return (
    <>
      {environment.hold !== null && (
        <Button onClick={() => setAsked('resume')}>{text.resume}</Button>
      )}
      {canRollBack && <Button onClick={() => setAsked('rollback')}>{text.rollBack}</Button>}
      {isEnded && commit !== null && (
        <Button onClick={() => setAsked('again')}>{text.deployAgain}</Button>
      )}
      {!isEnded && (
        <Button kind="danger" onClick={() => setAsked('cancel')}>
          {text.cancelDeployment}
        </Button>
      )}
      {asked === 'again' && commit !== null && (
        <AgainDialog environment={environment} commit={commit} onClose={close} />
      )}
      {asked === 'cancel' && <CancelDialog deployment={deployment} onClose={close} />}
      {asked === 'rollback' && release !== null && (
        <RollbackDialog environment={environment} release={release.uuid} onClose={close} />
      )}
      {asked === 'resume' && <ResumeDialog environment={environment} onClose={close} />}
    </>
  );
}
