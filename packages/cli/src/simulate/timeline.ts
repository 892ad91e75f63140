import { printDeed } from './format.ts';
import { type SeenDeployment, type StormRecord, time } from './record.ts';

const WIDTH = 64;

/** The storm as text: what was done and seen in the order of time, then one bar for each deployment. */
export function drawTimeline(record: StormRecord): string {
  return `${story(record).join('\n')}\n\n${bars(record).join('\n')}\n`;
}

function story(record: StormRecord): string[] {
  const numbers = new Map(record.deployments.map((one) => [one.uuid, one.number]));
  const call = (uuid: string | null) => (uuid === null ? '' : ` #${numbers.get(uuid) ?? '?'}`);
  const lines: { at: number; text: string }[] = [];
  const add = (at: string | number | null, text: string) => {
    if (at !== null) lines.push({ at: typeof at === 'number' ? at : time(at), text });
  };
  for (const deed of record.deeds) {
    const came = deed.refusal === null ? call(deed.deployment) : `  refused: ${deed.refusal}`;
    add(deed.sentAt, `${printDeed(deed.action)}${came === '' ? '' : `  ->${came}`}`);
    if (deed.action.do === 'crash') add(deed.answeredAt, 'the server is back');
  }
  for (const build of record.builds)
    add(build.finished_at, `  build ${build.commit} ${build.state}`);
  for (const one of record.deployments) {
    add(one.running_at, `    #${one.number} ${one.commit} starts`);
    const by = one.superseded_by === null ? '' : ` by${call(one.superseded_by)}`;
    add(one.ended_at, `    #${one.number} ${one.commit} ${one.status}${by}  (${one.rule})`);
  }
  for (const page of record.pages)
    add(page.at, `      the page is ${page.commit ?? `status ${page.status}`}`);
  return lines
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => `${seconds(at - record.begunAt)}  ${text}`);
}

/** `.` waits for its commit or build, `:` is queued, `#` runs. */
function bars(record: StormRecord): string[] {
  const span = Math.max(1, record.endedAt - record.begunAt);
  const column = (at: number) =>
    Math.min(WIDTH - 1, Math.max(0, Math.floor(((at - record.begunAt) / span) * WIDTH)));
  const deployments = record.deployments.map((one) => {
    const name = `#${one.number} ${one.commit ?? '?'}`.padEnd(12);
    return `${name} |${bar(record, one, column)}| ${one.status}`;
  });
  const live = record.pages.map((page) => ({ at: column(page.at), text: page.commit ?? '-' }));
  const row = Array.from({ length: WIDTH }, () => ' ');
  for (const { at, text } of live)
    for (const [index, letter] of [...text].entries())
      if (at + index < WIDTH) row[at + index] = letter;
  return [...deployments, `${'page'.padEnd(12)} |${row.join('')}|`];
}

function bar(record: StormRecord, one: SeenDeployment, column: (at: number) => number): string {
  const at = (text: string | null) =>
    text === null ? Number.MAX_SAFE_INTEGER : column(time(text));
  const end = one.ended_at === null ? column(record.endedAt) : at(one.ended_at);
  return Array.from({ length: WIDTH }, (_, index) => {
    if (index < at(one.started_at) || index > end) return ' ';
    if (index >= at(one.running_at)) return '#';
    return index >= at(one.queued_at) ? ':' : '.';
  }).join('');
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(2).padStart(7)} s`;
