/**
 * What all measurements share: a named reference measured in the same run on the same machine, ratios to it, a table
 * for people and JSON for programs. A figure without its reference says more of the machine than of Sluice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { availableParallelism, cpus, release, tmpdir, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** One thing measured: figures by name, all in the units that {@link Column} gives. */
export interface Row {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
}

export interface Column {
  /** Key in {@link Row.figures}. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Whether more is better, for the reader of a ratio. */
  readonly better: 'higher' | 'lower';
}

export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

export interface Report {
  readonly title: string;
  /** Name of the row that the others are compared with. */
  readonly reference: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
  /** What was done, in figures: connections, seconds, sizes. */
  readonly conditions: Readonly<Record<string, number | string>>;
}

/** The full path of a program, looked for as a shell does and in the directories for administrators; null if it is not there. */
export function findProgram(name: string, searchPath: string): string | null {
  for (const directory of [...searchPath.split(delimiter), '/usr/sbin', '/sbin']) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** Programs and files of one run; `close` ends and removes all of them. */
export class Bench {
  readonly directory: string;
  readonly #children: ChildProcess[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(name: string): Promise<Bench> {
    return new Bench(await mkdtemp(join(tmpdir(), `sluice-bench-${name}-`)));
  }

  async file(name: string, content: string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, content);
    return path;
  }

  /** Starts a program that runs until the end, quietly. */
  start(program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(program, args, {
      env: { PATH: '/usr/bin:/bin', HOME: this.directory, ...env },
      stdio: 'ignore',
    });
    this.#children.push(child);
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(late);
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What a program printed; @throws Error where it fails or takes longer than `timeoutMs`. */
export async function outputOf(
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
  let output = '';
  let trouble = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    trouble += chunk.toString('utf8');
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${trouble.slice(0, 500)}`);
  return output;
}

/** Waits until something listens on a port of this machine. */
export async function listening(port: number, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port}`);
    await delay(20);
  }
}

/** Of /proc; the same on every Linux. */
const TICKS_PER_SECOND = 100;

/** User and system time that the server of a data directory has used, in milliseconds: from /proc (proc_pid_stat(5)). */
export async function serverCpuMs(dataDir: string): Promise<number> {
  const identity = await readFile(join(dataDir, 'run', 'server.json'), 'utf8');
  const { pid } = JSON.parse(identity) as { pid: number };
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The figures of several rounds as one: the median of each. */
export function medians(
  rounds: readonly Readonly<Record<string, number>>[],
): Record<string, number> {
  const keys = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => [key, median(rounds.map((round) => round[key] ?? Number.NaN))]),
  );
}

/** Each row's figures divided by the reference's; null where the reference is not there. */
export function ratios(report: Report): Record<string, Record<string, number> | null> {
  const reference = report.rows.find((row) => row.name === report.reference)?.figures;
  return Object.fromEntries(
    report.rows.map((row) => [
      row.name,
      reference === undefined
        ? null
        : Object.fromEntries(
            report.columns.map(({ key }) => [
              key,
              (row.figures[key] ?? Number.NaN) / (reference[key] ?? Number.NaN),
            ]),
          ),
    ]),
  );
}

/** A table for people. */
export function table(report: Report): string {
  const compared = ratios(report);
  const head = [
    '',
    ...report.columns.flatMap((column) => [
      `${column.title} (${column.unit})`,
      `x ${report.reference}`,
    ]),
  ];
  const lines = report.rows.map((row) => [
    row.name,
    ...report.columns.flatMap(({ key }) => {
      const ratio = compared[row.name]?.[key];
      return [short(row.figures[key] ?? Number.NaN), ratio === undefined ? '-' : ratio.toFixed(2)];
    }),
  ]);
  const widths = head.map((_, i) =>
    Math.max(...[head, ...lines].map((line) => line[i]?.length ?? 0)),
  );
  const render = (line: readonly string[]): string =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ');
  return [
    report.title,
    Object.entries(report.conditions)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', '),
    '',
    render(head),
    ...lines.map(render),
    ...report.skipped.map(({ name, reason }) => `${name}: skipped, ${reason}`),
  ].join('\n');
}

/** The value of `--name` on the command line. */
export function number(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

/** Prints the table, and the JSON after it or into the file that `--json FILE` names. */
export async function publish(report: Report, args: readonly string[]): Promise<void> {
  process.stdout.write(`${table(report)}\n`);
  const json = JSON.stringify({ ...report, ratios: ratios(report), machine: machine() });
  const at = args.indexOf('--json');
  const path = at < 0 ? undefined : args[at + 1];
  if (path === undefined) process.stdout.write(`\n${json}\n`);
  else await writeFile(path, `${json}\n`);
}

function machine(): Record<string, string | number> {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    time: new Date().toISOString(),
  };
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
}
