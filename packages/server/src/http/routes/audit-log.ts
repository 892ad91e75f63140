import { Readable } from 'node:stream';
import { AuditEntry, AuditFilterQuery, AuditVerdict, listOf } from '@sluice/contract';
import { type Static, Type } from 'typebox';
import type { AuditFilter } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { absoluteUrl } from '../lists.ts';
import { EXPORT_TYPES, exportText } from '../views/audit-export.ts';

const Filter = Type.Object(AuditFilterQuery);
const Page = Type.Object({
  ...AuditFilterQuery,
  /** Only entries of a lower sequence number: the cursor that `next` carries. */
  before: Type.Optional(Type.Integer({ minimum: 1 })),
  page_size: Type.Optional(Type.Integer({ minimum: 1 })),
});
const Export = Type.Object({
  ...AuditFilterQuery,
  format: Type.Optional(Type.Union([Type.Literal('csv'), Type.Literal('jsonl')])),
});
const DEFAULT_SIZE = 100;
const MAX_SIZE = 1_000;

/** Who did what: reading, checking and taking it along. */
export function registerAuditLog(app: App, { accounts, authorise }: HttpContext): void {
  app.get(
    '/iam/v3/audit-log/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary:
          'Who did what, newest first; `next` goes on where the page ends, whatever is added',
        tags: ['iam'],
        querystring: Page,
        response: { 200: listOf(AuditEntry) },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      const { before = null, page_size = DEFAULT_SIZE } = request.query;
      const limit = Math.min(page_size, MAX_SIZE);
      // One more than is shown, to know whether there is a next page.
      const { count, entries } = await accounts.auditLog.list(filterOf(request.query), {
        ...{ before, limit: limit + 1 },
      });
      const results = entries.slice(0, limit);
      const last = results.at(-1);
      const next = absoluteUrl(request, request.url);
      next.searchParams.set('before', String(last?.sequence ?? 0));
      return { count, next: entries.length > limit ? next.href : null, previous: null, results };
    },
  );

  app.get(
    '/iam/v3/audit-log/verify/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'Check the whole chain of hashes',
        tags: ['iam'],
        response: { 200: AuditVerdict },
      },
    },
    async (request) => {
      await authorise(request, 'installation:admin');
      const verdict = await accounts.verifyAudit();
      const { intact, entries } = verdict;
      return { intact, entries, broken_at: verdict.intact ? null : verdict.brokenAt };
    },
  );

  app.get(
    '/iam/v3/audit-log/export/',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'The audit log as a file: CSV, or JSON lines',
        tags: ['iam'],
        querystring: Export,
        produces: Object.values(EXPORT_TYPES),
      },
    },
    async (request, reply) => {
      const identity = await authorise(request, 'installation:admin');
      const { format = 'csv' } = request.query;
      const filter = filterOf(request.query);
      await accounts.audit(null, {
        actor: identity.email,
        action: 'audit-log.export',
        target: 'installation',
        details: { format, ...filter },
      });
      return reply
        .type(EXPORT_TYPES[format])
        .header('content-disposition', `attachment; filename="audit-log.${format}"`)
        .send(Readable.from(exportText(accounts.auditLog.all(filter), format)));
    },
  );
}

function filterOf(query: Static<typeof Filter>): AuditFilter {
  const { since, until, actor, action, target, text } = query;
  return {
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(target ? { target } : {}),
    ...(text ? { text } : {}),
    ...(since ? { since: readTime('since', since) } : {}),
    ...(until ? { until: readTime('until', until) } : {}),
  };
}

function readTime(field: string, text: string): string {
  const at = Date.parse(text);
  if (Number.isFinite(at)) return new Date(at).toISOString();
  throw new SluiceError('invalid', `"${text}" is no time.`, {
    fields: { [field]: ['Give a time as ISO 8601, such as 2026-11-23T12:00:00Z.'] },
  });
}
