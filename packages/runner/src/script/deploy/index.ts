import type { JobPayload } from '@sluice/contract';
import { flag, isMap, text, texts } from '../config.ts';
import { quote } from '../shell.ts';
import type { Writer } from '../writer.ts';
import { deployConditions } from './conditions.ts';
import { type Act, PROVIDERS } from './providers.ts';

/**
 * The deploy section (spec/travis.md 7), after `after_success` and only when the test passed. A failure here ends
 * the job as errored although its verdict stands.
 */
export function writeDeploy(writer: Writer, payload: JobPayload): void {
  const entries = deployEntries(payload.config['deploy']);
  if (entries.length === 0) return;
  writer.line('__sluice_phase deploy');
  if (payload.build.pullRequest !== null || payload.build.event === 'pull_request') {
    writer.notice('Skipping deployment: this is the build of a pull request.');
    return;
  }
  for (const [index, entry] of entries.entries()) writeEntry(writer, payload, entry, index);
}

function deployEntries(deploy: unknown): Record<string, unknown>[] {
  return (Array.isArray(deploy) ? deploy : [deploy])
    .map((entry) => (typeof entry === 'string' ? { provider: entry } : entry))
    .filter(isMap)
    .filter((entry) => text(entry['provider']) !== null);
}

function writeEntry(
  writer: Writer,
  payload: JobPayload,
  entry: Record<string, unknown>,
  index: number,
): void {
  const written = text(entry['provider']) as string;
  const provider = written.toLowerCase().replaceAll(/[-_\s]/g, '');
  const conditions = deployConditions(entry, payload);
  const skipped = (reason: string) =>
    `Skipping deployment with the ${written} provider: ${reason}.`;
  if (conditions.unmet.length > 0) {
    for (const reason of conditions.unmet) writer.notice(skipped(reason));
    return;
  }
  writer.line('__sluice_held=1');
  for (const condition of conditions.shell) {
    writer.line(`if eval ${quote(`[[ ${condition} ]]`)} 198>&-; then :; else`);
    writer.line('__sluice_held=0');
    writer.notice(skipped(`the condition \`${condition}\` does not hold`));
    writer.line('fi');
  }
  writer.line('if [[ $__sluice_held == 1 ]]; then');
  writer.line('__sluice_phase before_deploy');
  writePhase(writer, payload, 'before_deploy');
  writer.line('__sluice_phase deploy');
  const allowFailure = flag(entry['allow_failure'], false);
  writer.line(`travis_fold start dpl_${index}`);
  if (flag(entry['cleanup'], false)) writer.line('git stash --all --quiet || :');
  writer.line('__sluice_code=0');
  const option = (name: string) => optionFor(entry[name], payload.build.branch);
  const provide = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  if (provide === undefined) {
    writer.line(
      `__sluice_colored "$ANSI_RED" ${quote(`The ${written} provider is not available here.`)}`,
    );
    writer.line('__sluice_code=1');
  } else {
    const run = texts(option('run')).map((line): Act => ({ kind: 'command', text: line }));
    for (const act of [...provide(option), ...run]) writeAct(writer, act);
  }
  writer.line(`travis_fold end dpl_${index}`);
  writer.line('if [[ $__sluice_code != 0 ]]; then');
  const failed = `Deployment with the ${written} provider failed`;
  if (allowFailure) writer.notice(`${failed}, which it may (allow_failure).`);
  else
    writer.line(
      `__sluice_stop "${failed.replaceAll(/["\\$`]/g, '')} with exit code $__sluice_code."`,
    );
  writer.line('fi');
  writer.line('__sluice_phase after_deploy');
  writePhase(writer, payload, 'after_deploy');
  writer.line('fi');
}

function writeAct(writer: Writer, act: Act): void {
  writer.line('if [[ $__sluice_code == 0 ]]; then');
  if (act.kind === 'notice') {
    writer.notice(act.text);
  } else {
    const shown = act.kind === 'command' ? act.text : act.shown;
    writer.line(`printf '$ %s\\n' ${quote(shown)}`);
    writer.line(`TRAVIS_CMD=${quote(shown)}`);
    writer.line(
      act.kind === 'command'
        ? `bash -c ${quote(act.text)} 198>&- </dev/null || __sluice_code=$?`
        : act.statement,
    );
  }
  writer.line('fi');
}

function writePhase(
  writer: Writer,
  payload: JobPayload,
  phase: 'before_deploy' | 'after_deploy',
): void {
  const commands = texts(payload.config[phase]);
  const [only] = commands;
  if (only === undefined) return;
  if (commands.length === 1 && (only === 'skip' || only === 'ignore')) {
    writer.notice(`Skipping ${phase}, as the configuration asks.`);
    return;
  }
  const rule = phase === 'before_deploy' ? 'stop' : 'ignore';
  const steps = commands.map((one) => ({ kind: 'command' as const, command: { text: one } }));
  writer.steps(phase, rule, steps);
}

/** An option whose value is a map with branches as keys (old style) means the value of this branch. */
function optionFor(value: unknown, branch: string): unknown {
  return isMap(value) && Object.hasOwn(value, branch) ? value[branch] : value;
}
