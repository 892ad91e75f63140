import type { Certificate } from './certificate.ts';
import type { Answer } from './dns.ts';

/** What a check found. */
export interface Finding {
  readonly points: 'here' | 'elsewhere' | 'nowhere' | 'unknown';
  readonly addresses: readonly string[];
  readonly certificate: 'issued' | 'pending';
  readonly issuer: string | null;
  readonly expiresAt: Date | null;
  /** For people, with what to do. */
  readonly detail: string;
}

const QUARTER_HOUR_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** Whether a name leads here, by what the DNS says. One address elsewhere is enough to lose visitors. */
export function pointsOf(answer: Answer, own: ReadonlySet<string>): Finding['points'] {
  if (answer.kind !== 'found') return answer.kind;
  return answer.addresses.every((address) => own.has(address)) ? 'here' : 'elsewhere';
}

/** `certificate` is null where it was not looked at: an authority is not asked for names that lead elsewhere. */
export function judge(
  name: string,
  answer: Answer,
  own: ReadonlySet<string>,
  certificate: Certificate | null,
): Finding {
  const points = pointsOf(answer, own);
  const issued = certificate?.kind === 'issued' ? certificate : null;
  return {
    points,
    addresses: answer.kind === 'found' ? answer.addresses : [],
    certificate: issued === null ? 'pending' : 'issued',
    issuer: issued?.issuer ?? null,
    expiresAt: issued?.expiresAt ?? null,
    detail: `${wherePoints(name, answer, points, own)} ${howCertified(certificate)}`,
  };
}

function wherePoints(
  name: string,
  answer: Answer,
  points: Finding['points'],
  own: ReadonlySet<string>,
): string {
  if (answer.kind === 'unknown') return `The DNS did not say where ${name} points (${answer.why}).`;
  if (answer.kind === 'nowhere') {
    return `${name} has no address yet: enter the record at whoever runs its DNS.`;
  }
  if (points === 'here') return `${name} points here.`;
  const strange = answer.addresses.filter((address) => !own.has(address)).join(', ');
  const wanted = [...own].join(', ');
  return `${name} points to ${strange}, which is not here${wanted === '' ? '' : ` (${wanted})`}.`;
}

function howCertified(certificate: Certificate | null): string {
  if (certificate === null) return 'It gets a certificate once it points here.';
  if (certificate.kind === 'issued') {
    const until = certificate.expiresAt.toISOString().slice(0, 16).replace('T', ' ');
    return `Its certificate of ${certificate.issuer} holds until ${until} UTC and is renewed by itself.`;
  }
  return `Its certificate is still to come: ${certificate.why}. It needs a deployment of its environment.`;
}

export const isRight = ({
  points,
  certificate,
}: {
  readonly points: string;
  readonly certificate: string;
}) => points === 'here' && certificate === 'issued';

/** Every 15 minutes until all is right, then once a day, or when the certificate would end (spec/divio.md 7). */
export function nextCheck(finding: Finding, now: Date): Date {
  if (!isRight(finding)) return new Date(now.getTime() + QUARTER_HOUR_MS);
  const daily = now.getTime() + DAY_MS;
  const atEnd = finding.expiresAt?.getTime() ?? daily;
  return new Date(Math.max(now.getTime() + QUARTER_HOUR_MS, Math.min(daily, atEnd)));
}
