import type { EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { running, environment as text } from '../../text/running.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { ResumeDialog } from '../running/resume-dialog.tsx';
import { needsName } from '../running/rollback-dialog.tsx';
import { useControl } from '../running/use-control.ts';
import { DeployDialog } from './deploy-dialog.tsx';

type Asked = 'deploy' | 'resume' | 'restart' | 'stop';

/** What can be done with an environment now. */
export function Controls({ environment }: { environment: EnvironmentLine }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  const isLive = environment.live !== null;
  return (
    <div className="flex flex-wrap gap-2">
      {environment.hold !== null && (
        <Button kind="primary" onClick={() => setAsked('resume')}>
          {running.resume}
        </Button>
      )}
      <Button
        kind={environment.hold === null ? 'primary' : 'plain'}
        onClick={() => setAsked('deploy')}
      >
        {text.deploy}
      </Button>
      {isLive && <Button onClick={() => setAsked('restart')}>{text.restart}</Button>}
      {isLive && environment.health !== 'stopped' && (
        <Button kind="danger" onClick={() => setAsked('stop')}>
          {text.stop}
        </Button>
      )}
      {asked === 'deploy' && <DeployDialog environment={environment} onClose={close} />}
      {asked === 'resume' && <ResumeDialog environment={environment} onClose={close} />}
      {asked === 'restart' && <RestartDialog environment={environment} onClose={close} />}
      {asked === 'stop' && <StopDialog environment={environment} onClose={close} />}
    </div>
  );
}

interface DialogProps {
  readonly environment: EnvironmentLine;
  readonly onClose: () => void;
}

function RestartDialog({ environment, onClose }: DialogProps) {
  const say = useToast();
  const restart = useControl(
    () => api.environments.restart(environment.uuid),
    () => {
      onClose();
      say(text.restarted);
    },
  );
  return (
    <Confirm
      title={text.restartTitle(environment.slug)}
      action={text.restart}
      busy={restart.isPending}
      error={<ErrorNote error={restart.error} />}
      onConfirm={() => restart.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.restartText}</p>
    </Confirm>
  );
}

function StopDialog({ environment, onClose }: DialogProps) {
  const say = useToast();
  const restart = useControl(
    () => api.environments.restart(environment.uuid),
    () => say(text.restarted),
  );
  const stop = useControl(
    () => api.environments.stop(environment.uuid),
    () => {
      onClose();
      say(text.stopped, () => restart.mutate(undefined));
    },
  );
  return (
    <Confirm
      title={text.stopTitle(environment.slug)}
      action={text.stop}
      {...(needsName(environment) ? { name: environment.slug } : {})}
      busy={stop.isPending}
      error={<ErrorNote error={stop.error} />}
      onConfirm={() => stop.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.stopText}</p>
    </Confirm>
  );
}
