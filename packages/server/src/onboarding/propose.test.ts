import type { Proposal } from '@sluice/contract';
import { lint, plan } from '@sluice/travis-config';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CASES, FACTS, type Files, fileOf, proposalOf } from './test/projects.ts';

/** What every proposed `.travis.yml` must be, whatever it was made from. */
function expectSound(proposal: Proposal): void {
  for (const { path, text, alternative } of proposal.files) {
    for (const each of [text, ...(alternative === null ? [] : [alternative.text])]) {
      expect(each.endsWith('\n'), path).toBe(true);
      if (path !== '.travis.yml') continue;
      const { messages, error } = lint(each);
      expect(error, each).toBeUndefined();
      expect(
        messages.filter(({ level }) => level !== 'info'),
        each,
      ).toEqual([]);
      const { jobs, refused } = plan(each, { type: 'push', branch: 'main' });
      expect(refused).toBeUndefined();
      expect(jobs.length, each).toBeGreaterThan(0);
      for (const job of jobs) expect(job.script?.length, each).toBeGreaterThan(0);
    }
  }
  for (const { detail, subject } of proposal.findings) {
    expect(subject).not.toBe('');
    expect(detail).toMatch(/[.)]$|^No build can be made/);
  }
}

describe('each kind of project', () => {
  test.each(CASES)('$name', ({ files, language, evidence, travis, procfile }) => {
    const proposal = proposalOf(files);
    expectSound(proposal);
    expect(proposal).toMatchObject({ language, evidence });
    const text = fileOf(proposal, '.travis.yml');
    if (travis.length === 0) expect(text).toBeNull();
    const lines = text?.split('\n') ?? [];
    for (const line of travis) expect(lines, text ?? '').toContain(line);
    if (travis.length > 0)
      expect(text).toContain('deploy:\n  provider: sluice\n  environment: test\n');
    expect(fileOf(proposal, 'Procfile')).toBe(procfile);
  });
});

test('any mixture of projects gives a sound proposal, and the same one again', () => {
  const one = fc.constantFrom(...CASES.map(({ files }) => files));
  const garbled = fc.tuple(
    fc.constantFrom(...CASES.flatMap(({ files }) => Object.keys(files))),
    fc.string({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 3 }),
      fc.array(garbled, { maxLength: 2 }),
      (some, bad) => {
        const files: Files = Object.assign({}, ...some, Object.fromEntries(bad));
        const proposal = proposalOf(files);
        expectSound(proposal);
        expect(proposalOf(files)).toEqual(proposal);
      },
    ),
    { numRuns: 400 },
  );
});

test('names the website id only where it is known, and says that a token is needed', () => {
  const files = { 'requirements.txt': 'pytest\n' };
  const [file] = proposalOf(files).files;
  expect(file?.alternative).toMatchObject({
    needs_token: true,
    text: expect.stringContaining('sluice app deploy test --remote-id 7'),
  });
  expect(proposalOf(files, { websiteId: null }).files[0]?.alternative).toBeNull();
});

describe('what a deployment needs besides', () => {
  test('gunicorn is added to the requirements, below what stands there', () => {
    const app = 'from flask import Flask\nsite = Flask(__name__)\n';
    const proposal = proposalOf({ 'requirements.txt': 'flask\n\n\n', 'app.py': app });
    expect(proposal.files.find(({ path }) => path === 'requirements.txt')).toMatchObject({
      ...{ text: 'flask\ngunicorn\n', exists: true },
    });
    const bare = proposalOf({ 'app.py': app });
    expect(fileOf(bare, 'requirements.txt')).toBe('flask\ngunicorn\n');
    const packaged = proposalOf({
      'pyproject.toml': '[project]\ndependencies = ["flask"]\n',
      'app.py': app,
    });
    expect(fileOf(packaged, 'requirements.txt')).toBe('.\ngunicorn\n');
  });

  test('a database in the checkout, uncollected files, a development server: each is said with its place', () => {
    const django = proposalOf(CASES.find(({ name }) => name.startsWith('Django'))?.files ?? {});
    expect(django.findings).toContainEqual(
      expect.objectContaining({ subject: 'SQLite', file: 'shop/settings.py', line: 1 }),
    );
    expect(django.findings.map(({ subject }) => subject)).toContain('node_js');
    const vite = proposalOf(CASES.find(({ name }) => name.includes('Vite'))?.files ?? {});
    expect(vite.findings).toContainEqual(
      expect.objectContaining({ subject: 'start', file: 'package.json', line: 6 }),
    );
    expect(vite.findings.map(({ subject }) => subject)).toContain('pnpm-lock.yaml');
  });

  test('Docker alone is told plainly; beside another language it is not used', () => {
    const alone = proposalOf({ Dockerfile: '' });
    expect(alone.findings).toEqual([
      expect.objectContaining({ level: 'missing', subject: 'Docker' }),
    ]);
    expect(alone.findings[0]?.advice).toContain('comes with the Docker runtime');
    const both = proposalOf({ Dockerfile: '', 'requirements.txt': 'pytest' });
    expect(both.findings).toContainEqual(
      expect.objectContaining({ level: 'differs', subject: 'Docker' }),
    );
  });
});

test('without code there is nothing to propose and nothing to complain of', () => {
  expect(proposalOf({}, { head: null })).toEqual({
    ...{ has_code: false, branch: FACTS.branch, head: null, language: null, evidence: null },
    ...{ files: [], findings: [], messages: [], variables: [] },
  });
});
