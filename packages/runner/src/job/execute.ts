import type { JobDeployAnswer, JobPayload, Verdict } from '@sluice/contract';
import type { Executor, JobProcess, Workplace } from '../executors/executor.ts';
import { cacheTimeout } from '../script/cache.ts';
import { buildScript } from '../script/index.ts';
import { languageRules, versionAsked } from '../script/languages/index.ts';
import { type Choice, chooseInstallation, type Installation, TOOLS } from '../toolchains/index.ts';
import { type ArtifactDepot, takeArtifact } from './artifacts.ts';
import { type CacheDepot, cacheSlug, sendCache, takeCache } from './cache.ts';
import { type ControlLine, type ControlMessage, type DeployWish, serveControl } from './control.ts';
import { watchLimits } from './limits.ts';
import { createMaskedLog, type MaskedLog } from './log.ts';
import { type Interruption, type JobOutcome, outcomeOf } from './outcome.ts';
import { secretsOf } from './secrets.ts';

/** Where a job's news go. */
interface JobSink {
  /** The next bytes of the log, masked. The job waits while this does. */
  log(bytes: Buffer): Promise<void> | void;
  /** To be shown on the build. */
  notices(texts: string[]): Promise<void> | void;
  /** Resolves when the verdict is stored for good; until then nothing after the test runs. */
  verdict(verdict: Verdict): Promise<void>;
  /** Cached directories; absent where there is no server. */
  cache?: CacheDepot;
  /** Files that the job leaves; absent where there is no server. */
  artifacts?: ArtifactDepot;
  /** Signals a deployment of the job's commit; absent where there is no server. */
  deploy?(wanted: DeployWish): Promise<JobDeployAnswer>;
}

const NOWHERE: JobDeployAnswer = {
  accepted: true,
  message: 'Without a server nothing is deployed: a build of the service would do it here.',
};

export interface ExecuteInput {
  payload: JobPayload;
  executor: Executor;
  sink: JobSink;
  /** Shown in the log's first line. */
  runnerName: string;
  /** Aborted with an {@link Interruption} as its reason. */
  signal: AbortSignal;
  timing?: { minute?: number; retryPause?: number };
}

/** Runs one job from its payload to its outcome. Rejects only when the sink does. */
export async function executeJob(input: ExecuteInput): Promise<JobOutcome> {
  const { payload, executor, sink } = input;
  const log = createMaskedLog(secretsOf(payload), (bytes) => sink.log(bytes));
  const refuse = async (reason: string): Promise<JobOutcome> => {
    await log.error(reason);
    await log.end();
    await sink.verdict('errored');
    return { state: payload.earlierVerdict ?? 'errored', exitCode: null, reason };
  };
  await log.write(
    `Sluice runner ${input.runnerName}: job ${payload.number}, ${executor.kind} executor\n`,
  );
  for (const text of [...executor.notices, ...payload.notices]) await log.notice(text);
  if (payload.earlierVerdict === 'errored')
    return refuse('An earlier attempt of this job has errored.');
  if (!payload.trusted && !executor.isolates) {
    return refuse('This build is not trusted, and this runner cannot isolate it: it is refused.');
  }

  const toolchains = await executor.toolchains();
  const choice = initialChoice(payload, toolchains, executor);
  const notices = [...executor.notices];
  if (choice?.kind === 'found' && choice.notice !== null) {
    notices.push(choice.notice);
    await log.notice(choice.notice);
  }
  if (notices.length > 0) await sink.notices(notices);

  let workplace: Workplace;
  try {
    workplace = await executor.open({
      jobId: payload.jobId,
      attempt: payload.attempt,
      repositoryUuid: payload.repository.uuid,
      trusted: payload.trusted,
      repositorySlug: payload.repository.slug,
      config: payload.config,
      origins: [payload.urls.server, payload.clone.url],
      say: (text) => log.notice(text),
      signal: input.signal,
      python:
        choice?.kind === 'found' && choice.installation.tool === 'python'
          ? choice.installation
          : null,
    });
  } catch (error) {
    if (input.signal.aborted) return endedBefore(input, log);
    return refuse(`The runner could not make room for the job: ${messageOf(error)}`);
  }
  try {
    const script = buildScript({
      payload,
      place: workplace.place,
      choice,
      limits: workplace.limits,
      ...(input.timing ? { timing: input.timing } : {}),
    });
    let job: JobProcess;
    try {
      job = await workplace.start(script);
    } catch (error) {
      return await refuse(`The job could not be started: ${messageOf(error)}`);
    }
    const slug = cacheSlug(payload, workplace.place.dist);
    const outcome = await attend(input, job, log, toolchains, slug);
    await log.end();
    return outcome;
  } finally {
    await workplace.close().catch(() => undefined);
  }
}

/** A job that is ended while its room is made, such as while its image is pulled, has no verdict. */
async function endedBefore(input: ExecuteInput, log: MaskedLog): Promise<JobOutcome> {
  const interruption = asInterruption(input.signal.reason);
  if (interruption.kind === 'canceled') await log.error('The job was canceled.');
  await log.end();
  const verdict = input.payload.earlierVerdict;
  if (verdict !== null && interruption.kind === 'canceled') await input.sink.verdict(verdict);
  const exit = { code: null, signal: null, exceeded: null };
  return outcomeOf({ exit, verdict, interruption, stopped: null, phase: null });
}

/** Follows a running job: its output, what it asks, its limits. */
async function attend(
  input: ExecuteInput,
  job: JobProcess,
  log: MaskedLog,
  toolchains: readonly Installation[],
  slug: string,
): Promise<JobOutcome> {
  const { payload, sink, signal } = input;
  let verdict: Verdict | null = null;
  let stopped: string | null = null;
  let phase: string | null = null;
  let interruption: Interruption | null = null;
  const failures: unknown[] = [];

  const interrupt = (why: Interruption) => {
    if (interruption !== null) return;
    interruption = why;
    void job.kill();
  };
  const onAbort = () => interrupt(asInterruption(signal.reason));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const limits = watchLimits(payload.limits, (text) => interrupt({ kind: 'limit', text }));

  serveControl(job.control, async (message: ControlMessage, channel: ControlLine) => {
    switch (message.kind) {
      case 'phase':
        phase = message.phase;
        return null;
      case 'stop':
        stopped ??= message.reason;
        return null;
      case 'toolchain':
        return laterChoice(payload, message, toolchains, (text) => sink.notices([text]));
      case 'cache-fetch':
        await sendCache(sink.cache, slug, cacheTimeout(payload), channel);
        return null;
      case 'cache-store':
        return takeCache(sink.cache, slug, cacheTimeout(payload), channel, message.sizeBytes);
      case 'artifact':
        return takeArtifact(sink.artifacts, message.path, message.sizeBytes, channel);
      case 'deploy':
        try {
          const { accepted, message: text } = (await sink.deploy?.(message.wish)) ?? NOWHERE;
          return `${accepted ? 'accepted' : 'refused'}\t${text}`;
        } catch (error) {
          return `refused\t${messageOf(error)}`;
        }
      case 'verdict':
        // The first one counts: whatever else the job sends on this line cannot change it.
        if (verdict === null) {
          const stands: Verdict = payload.earlierVerdict ?? message.verdict;
          try {
            await sink.verdict(stands);
          } catch (error) {
            failures.push(error);
            interrupt({ kind: 'abandoned' });
            return null;
          }
          verdict = stands;
          limits.verdictKnown();
        }
        return verdict;
    }
  });

  try {
    for await (const chunk of job.output as AsyncIterable<Buffer>) {
      if (interruption !== null) continue;
      if (!limits.wrote(log.emitted() + chunk.length)) continue;
      limits.blocked(true);
      await log.write(chunk);
      limits.blocked(false);
    }
  } catch (error) {
    failures.push(error);
    interrupt({ kind: 'abandoned' });
  }
  const exit = await job.exit;
  limits.stop();
  signal.removeEventListener('abort', onAbort);
  job.control.destroy();
  if (failures.length > 0) throw failures[0];

  const because = interruption as Interruption | null;
  if (because?.kind === 'limit') await log.error(because.text);
  if (because?.kind === 'canceled') await log.error('The job was canceled.');
  if (exit.exceeded !== null) await log.error(exit.exceeded);
  const stands = verdict ?? payload.earlierVerdict;
  const outcome = outcomeOf({ exit, verdict: stands, interruption: because, stopped, phase });
  if (verdict === null && because?.kind !== 'abandoned' && outcome.state !== 'canceled') {
    await sink.verdict(stands ?? outcome.state);
  }
  return outcome;
}

/** The version for the job's language where the configuration alone can tell; null when a file of the repository may. */
function initialChoice(
  payload: JobPayload,
  toolchains: readonly Installation[],
  executor: Executor,
): Choice | null {
  const rules = languageRules(payload.config);
  if (rules.tool === null) return null;
  const asked = versionAsked(payload.config, rules);
  if (executor.usesImages) return { kind: 'image', version: asked ?? rules.defaultVersion };
  if (asked === null && rules.versionFile !== null) return null;
  return chooseInstallation(rules.tool, asked, toolchains, {
    strict: payload.strictToolchains,
    ...(rules.defaultVersion === null ? {} : { fallback: rules.defaultVersion }),
  });
}

/** Answers a script that has read `.nvmrc` or the like: `found<TAB>directory<TAB>notice` or `missing<TAB>message`. */
async function laterChoice(
  payload: JobPayload,
  asked: { tool: string; version: string },
  toolchains: readonly Installation[],
  onNotice: (text: string) => Promise<void> | void,
): Promise<string> {
  const tool = TOOLS.find((one) => one === asked.tool);
  if (!tool) return `missing\tNo such tool: ${asked.tool}`;
  const rules = languageRules(payload.config);
  const choice = chooseInstallation(tool, asked.version === '' ? null : asked.version, toolchains, {
    strict: payload.strictToolchains,
    ...(rules.defaultVersion === null ? {} : { fallback: rules.defaultVersion }),
  });
  if (choice.kind === 'missing') return `missing\t${choice.message}`;
  if (choice.notice !== null) await onNotice(choice.notice);
  return `found\t${choice.installation.bin}\t${choice.notice ?? ''}`;
}

function asInterruption(reason: unknown): Interruption {
  const kind =
    typeof reason === 'object' && reason !== null && 'kind' in reason ? reason.kind : null;
  return kind === 'canceled' ? { kind } : { kind: 'abandoned' };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
