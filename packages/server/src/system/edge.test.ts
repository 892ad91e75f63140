import { expect, test } from 'vitest';
import { type EdgeHealth, judgeEdge } from './edge.ts';

const NOW = Date.parse('2030-06-01T12:00:00.000Z');
const domain = (more: Partial<EdgeHealth['domains'][number]> = {}) => ({
  ...{ name: 'www.example.com', environment: 'live', application: 'Shop', points: 'here' },
  ...{ certificate: 'issued', issuer: 'An authority', expires_at: '2030-08-01T00:00:00.000Z' },
  ...{ detail: 'All is right.', checked_at: '2030-06-01T11:00:00.000Z' },
  ...more,
});
const edge = (more: Partial<EdgeHealth> = {}): EdgeHealth => ({
  ...{ in_step: true, since: '2030-06-01T10:00:00.000Z', problem: null, names: [] },
  domains: [domain()],
  ...more,
});
const problem = 'Caddy does not answer at localhost:2019.';

test.each([
  ['all is well', edge(), 'ok', '1 domain.'],
  ['it is away for long', edge({ in_step: false, problem }), 'failing', problem],
  [
    'it is away for a moment',
    edge({ in_step: false, problem, since: '2030-06-01T11:59:50.000Z' }),
    ...(['ok', problem] as const),
  ],
  [
    'a name has no certificate',
    edge({ domains: [domain(), domain({ name: 'new.example.com', certificate: 'pending' })] }),
    ...(['degraded', 'Without a certificate: new.example.com.'] as const),
  ],
  [
    'a certificate was not renewed',
    edge({ domains: [domain({ expires_at: '2030-06-03T00:00:00.000Z' })] }),
    ...(['degraded', 'A certificate ends within a week: www.example.com.'] as const),
  ],
  [
    'a name was never checked',
    edge({ domains: [domain({ certificate: null, expires_at: null, checked_at: null })] }),
    ...(['ok', '1 domain.'] as const),
  ],
])('%s', (_, given, status, words) => {
  const part = judgeEdge(given, NOW);
  expect(part).toMatchObject({ name: 'edge', status });
  expect(part.detail).toContain(words);
  expect(part.advice === null).toBe(status === 'ok');
});
