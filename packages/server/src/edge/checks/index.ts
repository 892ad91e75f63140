import type { Store } from '../../store/index.ts';
import type { DomainCheckRow } from '../../store/schema/running.ts';
import type { EdgeLogger, EdgeSettings } from '../types.ts';
import { lookAtCertificate } from './certificate.ts';
import { createDns } from './dns.ts';
import { isRight, judge, nextCheck, pointsOf } from './judge.ts';

/** What was last found out about a domain. */
export interface DomainCheck {
  readonly isRight: boolean;
  /** here | elsewhere | nowhere | unknown */
  readonly points: string;
  readonly addresses: readonly string[];
  /** issued | pending */
  readonly certificate: string;
  readonly issuer: string | null;
  readonly expiresAt: string | null;
  readonly detail: string;
  readonly checkedAt: string;
  readonly nextCheckAt: string;
}

export interface DomainChecks {
  start(): void;
  stop(): void;
  /** By the domain's uuid. */
  of(uuids: readonly string[]): Promise<ReadonlyMap<string, DomainCheck>>;
  /** Checks one now, however recently it was. */
  check(domain: { readonly uuid: string; readonly name: string }): Promise<DomainCheck>;
}

export interface DomainChecksOptions {
  readonly store: Store;
  readonly settings: EdgeSettings;
  readonly logger: EdgeLogger;
  readonly now?: () => Date;
  /** How often it is asked what is due. */
  readonly everyMs?: number;
}

/** While one server checks a name, another one leaves it alone for so long. */
const CLAIM_MS = 2 * 60_000;
const AT_ONCE = 20;

/** Finds out whether domains point here and have a certificate, by a schedule that the database holds. */
export function createDomainChecks(options: DomainChecksOptions): DomainChecks {
  const { store, settings, logger, now = () => new Date(), everyMs = 15_000 } = options;
  const dns = createDns(settings);
  const edge = {
    host:
      settings.edgeHost === '' || settings.edgeHost === '0.0.0.0' ? '127.0.0.1' : settings.edgeHost,
    port: settings.edgeHttpsPort,
  };
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;

  const check = async ({ uuid, name }: { uuid: string; name: string }): Promise<DomainCheck> => {
    const [answer, own] = await Promise.all([dns.addresses(name), dns.own()]);
    const mayAsk = settings.edgeIssuer === 'internal' || pointsOf(answer, own) === 'here';
    const certificate = mayAsk ? await lookAtCertificate(edge, name) : null;
    const finding = judge(name, answer, own, certificate);
    const at = now();
    const row: DomainCheckRow = {
      domain_uuid: uuid,
      points: finding.points,
      addresses: JSON.stringify(finding.addresses),
      certificate: finding.certificate,
      issuer: finding.issuer,
      expires_at: finding.expiresAt?.toISOString() ?? null,
      detail: finding.detail,
      checked_at: at.toISOString(),
      next_check_at: nextCheck(finding, at).toISOString(),
    };
    await store.transaction(async (trx) => {
      const domain = await trx
        .selectFrom('domains as d')
        .leftJoin('environments as e', 'e.uuid', 'd.environment_uuid')
        .select(['d.uuid', 'e.application_uuid as application'])
        .where('d.uuid', '=', uuid)
        .executeTakeFirst();
      // Removed meanwhile.
      if (domain === undefined) return;
      const { domain_uuid: _, ...found } = row;
      await trx
        .insertInto('domain_checks')
        .values(row)
        .onConflict((conflict) => conflict.column('domain_uuid').doUpdateSet(found))
        .execute();
      store.changes.emit({ kind: 'domain', id: uuid, application: domain.application }, trx);
    });
    return toCheck(row);
  };

  const due = () =>
    store.db
      .selectFrom('domains as d')
      .innerJoin('environments as e', 'e.uuid', 'd.environment_uuid')
      .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
      .leftJoin('domain_checks as c', 'c.domain_uuid', 'd.uuid')
      .select(['d.uuid', 'd.name', 'c.next_check_at as dueAt'])
      .where('e.deleted_at', 'is', null)
      .where('a.deleted_at', 'is', null)
      .where((where) =>
        where.or([
          where('c.next_check_at', 'is', null),
          where('c.next_check_at', '<=', now().toISOString()),
        ]),
      )
      .orderBy('c.next_check_at')
      .limit(AT_ONCE)
      .execute();

  /** Of several servers one gets it; a name that was never checked has no row to claim, and is checked by each. */
  const claim = async (uuid: string, dueAt: string | null): Promise<boolean> => {
    if (dueAt === null) return true;
    const { numUpdatedRows } = await store.db
      .updateTable('domain_checks')
      .set({ next_check_at: new Date(now().getTime() + CLAIM_MS).toISOString() })
      .where('domain_uuid', '=', uuid)
      .where('next_check_at', '=', dueAt)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  };

  const round = async (): Promise<void> => {
    try {
      await Promise.all(
        (await due()).map(async ({ uuid, name, dueAt }) => {
          if (!isStopped && (await claim(uuid, dueAt))) await check({ uuid, name });
        }),
      );
    } catch (error) {
      logger.warn({ err: error }, 'checking domains');
    }
    if (!isStopped) timer = setTimeout(round, everyMs).unref();
  };

  return {
    check,
    start: () => void round(),
    stop: () => {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
    },
    of: async (uuids) => {
      if (uuids.length === 0) return new Map();
      const rows = await store.db
        .selectFrom('domain_checks')
        .selectAll()
        .where('domain_uuid', 'in', uuids)
        .execute();
      return new Map(rows.map((row) => [row.domain_uuid, toCheck(row)]));
    },
  };
}

const toCheck = (row: DomainCheckRow): DomainCheck => ({
  isRight: isRight(row),
  points: row.points,
  addresses: JSON.parse(row.addresses),
  certificate: row.certificate,
  issuer: row.issuer,
  expiresAt: row.expires_at,
  detail: row.detail,
  checkedAt: row.checked_at,
  nextCheckAt: row.next_check_at,
});
