import { readFileSync } from 'node:fs';
import type { EnvVar, JobPayload } from '@sluice/contract';
import type { Choice } from '../toolchains/index.ts';
import { writeAddons } from './addons.ts';
import { writeArtifacts } from './artifacts.ts';
import { cacheTimeout, writeCacheFetch, writeCacheStore } from './cache.ts';
import { type JobSettings, phaseSetting, text } from './config.ts';
import { writeDeploy } from './deploy/index.ts';
import { gitAuthentication, writeGit } from './git.ts';
import { languageRules, versionAsked } from './languages/index.ts';
import { writeServices } from './services.ts';
import { evaluate, quote } from './shell.ts';
import { writeToolchain } from './toolchain.ts';
import { builtinVariables, machineArchitecture } from './variables.ts';
import { command, createWriter, type FailureRule, type Step, type Writer } from './writer.ts';

/** Where the job runs, as the job itself sees it. Absolute paths. */
export interface JobPlace {
  home: string;
  /** Clones go to `<buildRoot>/<owner>/<name>`. */
  buildRoot: string;
  user: string;
  locale: string;
  /** Codename of the distribution. */
  dist: string;
  /** Directory with Sluice's own `sluice` and `divio`; null when there is none. */
  commandsDir: string | null;
  /** PATH without toolchain and commands. */
  basePath: string;
  /** Services that the executor has seen to; absent: the script starts what it can. */
  services?: readonly string[];
}

export interface ScriptInput {
  payload: JobPayload;
  place: JobPlace;
  /** The version chosen for the job's language; null when only the checked-out files can tell, or it needs none. */
  choice: Choice | null;
  limits: { processes: number | null; memoryBytes: number | null; nice: number };
  /** Seconds, for tests: a minute of `travis_wait`, the pause of `travis_retry`. */
  timing?: { minute?: number; retryPause?: number };
}

const PRELUDE = readFileSync(new URL('./prelude.sh', import.meta.url), 'utf8');

/**
 * A job as one bash script (spec/travis.md 5). It expects a two-way line to the runner on file descriptor 3 (`src/control.ts`)
 * and standard input that is empty; it ends with the exit code that 5.3 gives.
 */
export function buildScript(input: ScriptInput): string {
  const { payload, place } = input;
  const { config } = payload;
  const rules = languageRules(config);
  const buildDir = `${place.buildRoot}/${payload.repository.slug}`;
  const writer = createWriter();
  writer.line(PRELUDE);
  writeLimits(writer, input);
  for (const [name, value] of builtinVariables(payload, { ...place, buildDir })) {
    writer.line(`export ${name}=${quote(value)}`);
  }
  for (const [name, value] of gitAuthentication(payload)) {
    writer.line(`export ${name}=${quote(value)}`);
  }
  writer.line(`__sluice_base_path=${quote(place.basePath)}`);
  writer.line(`__sluice_commands=${quote(place.commandsDir ?? '')}`);
  if (input.timing?.minute !== undefined) writer.line(`__sluice_minute=${input.timing.minute}`);
  if (input.timing?.retryPause !== undefined) {
    writer.line(`__sluice_retry_pause=${input.timing.retryPause}`);
  }
  writer.line('__sluice_path');
  writer.line('__sluice_phase setup');
  writeMachine(writer, config);
  writeAddons(writer, config);
  writeServices(writer, config, place.services ?? []);
  writeGit(writer, payload, buildDir);
  writer.line('__sluice_phase setup');
  writeEnvironment(writer, payload);
  writeToolchain(writer, {
    payload,
    place,
    rules,
    choice: input.choice,
    asked: versionAsked(config, rules),
  });
  writeCacheFetch(writer, payload, cacheTimeout(payload));
  for (const what of rules.announce)
    writer.line(`printf '$ %s\\n' ${quote(what)}; ${what} </dev/null 198>&- || :`);

  writePhase(writer, config, 'before_install', 'stop');
  writePhase(writer, config, 'install', 'stop', rules.install(config));
  writePhase(writer, config, 'before_script', 'stop');
  writer.line('export TRAVIS_TEST_RESULT=0');
  writePhase(writer, config, 'script', 'script', rules.script(config));
  writePhase(writer, config, 'before_cache', 'ignore');
  writer.line('__sluice_phase verdict');
  writer.line('__sluice_verdict');
  // Behind the verdict, so that no deployment waits for an archive (spec/ordering.md 2.3).
  writeCacheStore(writer, payload);

  writer.line('if [[ $__sluice_r == 0 ]]; then');
  writer.line(':');
  writePhase(writer, config, 'after_success', 'ignore');
  writeDeploy(writer, payload);
  writer.line('else');
  writer.line(':');
  writePhase(writer, config, 'after_failure', 'ignore');
  writer.line('fi');
  writePhase(writer, config, 'after_script', 'ignore');
  // Last, so that they hold what after_failure and after_script have left too.
  writeArtifacts(writer, config);
  writer.line('__sluice_phase done');
  writer.line(
    `printf '\\n%sDone. Your build exited with %s.%s\\n' "$ANSI_RESET" "$__sluice_r" "$ANSI_RESET"`,
  );
  writer.line('exit "$__sluice_r"');
  return writer.toString();
}

/** Soft and hard limits of the shell, which everything it starts inherits and cannot raise. */
function writeLimits(writer: Writer, input: ScriptInput): void {
  const { processes, memoryBytes, nice } = input.limits;
  writer.line('umask 022');
  if (processes !== null) writer.line(`ulimit -u ${processes} 2>/dev/null || :`);
  // Data rather than address space: V8, the JVM and Go reserve far more addresses than they ever use.
  if (memoryBytes !== null) {
    writer.line(`ulimit -d ${Math.floor(memoryBytes / 1024)} 2>/dev/null || :`);
  }
  writer.line('ulimit -c 0 2>/dev/null || :');
  // When memory runs out, the kernel should take the build and not a live application.
  writer.line('{ echo 800 >/proc/self/oom_score_adj; } 2>/dev/null || :');
  // With autogroups a session's nice level counts only inside the session; its own is set here.
  writer.line(`{ echo ${nice} >/proc/self/autogroup; } 2>/dev/null || :`);
}

function writePhase(
  writer: Writer,
  config: JobSettings,
  phase: string,
  rule: FailureRule,
  defaults: Step[] = [],
): void {
  const setting = phaseSetting(config, phase);
  if (setting.kind === 'default' && defaults.length === 0) return;
  writer.line(`__sluice_phase ${phase}`);
  if (setting.kind === 'skip') {
    writer.notice(`Skipping ${phase}: the configuration says \`${setting.word}\`.`);
    return;
  }
  const steps = setting.kind === 'default' ? defaults : setting.commands.map((one) => command(one));
  writer.steps(phase, rule, steps);
}

/** The configured variables, shown under the name of their source, secrets without their value (spec/travis.md 3.4). */
function writeEnvironment(writer: Writer, payload: JobPayload): void {
  for (const group of payload.env) {
    if (group.vars.length === 0) continue;
    writer.line(`printf '\\n'; __sluice_notice ${quote(group.heading)}`);
    for (const variable of group.vars) {
      writer.line(`printf '$ export %s\\n' ${quote(shown(variable))}`);
      writer.line(`${evaluate(`export ${variable.text}`)} || :`);
    }
  }
  // A variable may have changed PATH on purpose, or switched Sluice's own client off.
  writer.line('__sluice_adopt_path');
  writer.line('__sluice_path');
}

function shown(variable: EnvVar): string {
  if (!variable.secret) return variable.text;
  const name = /^\s*(\w+)=/.exec(variable.text)?.[1] ?? '';
  return `${name}=[secure]`;
}

/** A job that asks for another processor runs here all the same, which its result should be read with. */
function writeMachine(writer: Writer, config: JobSettings): void {
  const wanted = text(config['arch'])?.replace(/-graviton.*$/, '') ?? null;
  const there = machineArchitecture();
  if (wanted === null || wanted === there) return;
  writer.notice(`This job asks for arch: ${wanted}; this machine is ${there}, and it runs here.`);
}
