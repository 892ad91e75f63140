import type { RunnerEvent } from '@sluice/runner';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { prepareMachine } from './machine.ts';
import { defaultName, type RunnerOptions, serverOf, workDirOf } from './options.ts';

/** Takes jobs from a server and runs them here, until it is told to stop. */
export async function work(context: Context, options: RunnerOptions): Promise<void> {
  const { terminal } = context;
  const server = await serverOf(context, options);
  const { executor, machine } = await prepareMachine(context, options);
  const { explainEnd, identify, startRemoteRunner } = await import('@sluice/runner');
  const starting = new AbortController();
  const ephemeral = options.ephemeral === true;
  // Before there is a job, the first signal ends the command.
  let onSignal = (): void => {
    starting.abort();
    terminal.note('Stopped.');
    process.exit(exitCodes.done);
  };
  context.onInterrupt(() => onSignal());
  try {
    const identity = await identify(
      {
        ...{ server, machine, ephemeral, name: options.name ?? defaultName() },
        ...{ token: options.token || null, directory: workDirOf(context, options) },
      },
      starting.signal,
    );
    const runner = await startRemoteRunner(
      { identity, executor, machine, ephemeral, onEvent: (event) => say(context, event) },
      starting.signal,
    );
    let asked = 0;
    onSignal = () => {
      asked += 1;
      if (asked === 1) {
        terminal.note(
          `Taking no more jobs; ${runner.running()} to finish. A second signal gives them back.`,
        );
        runner.drain();
      } else if (asked === 2) {
        terminal.note('Giving back what runs.');
        runner.giveBack();
      }
    };
    for (const notice of executor.notices) terminal.note(notice);
    terminal.print(
      `${runner.hello.name} works for ${server}: ${machine.concurrency} at once, os=${machine.os} arch=${machine.arch}${labelsText(machine.labels)}.`,
    );
    if (runner.hello.paused) terminal.note('It is paused: it gets no jobs until it is resumed.');
    await runner.ended;
    terminal.print('Stopped.');
  } catch (error) {
    const words = explainEnd(error);
    if (words === null) throw error;
    throw new CommandError(exitCodes.failed, words, { cause: error });
  }
}

const labelsText = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');

function say({ terminal }: Context, event: RunnerEvent): void {
  const time = new Date().toISOString();
  if (event.kind === 'trouble') terminal.note(`${time} ${event.message}`);
  else if (event.kind === 'leased') terminal.print(`${time} job ${event.number} begins`);
  else {
    const how = event.end.kind === 'finished' ? event.end.outcome.state : event.end.why;
    terminal.print(`${time} job ${event.number} ends: ${how}`);
  }
}
