import { tmpdir } from 'node:os';
import { runGit } from '@sluice/testing/git';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseGitPath } from './http/path.ts';
import { isRefName, isSlug, refusedRef } from './names.ts';

test('ref names are judged as git itself judges them', async () => {
  const piece = fc.constantFrom(
    ...['a', 'ü', '.', '..', '/', '.lock', '@', '{', '~', '^', ':', '?', '*', '[', '\\', ' ', '-'],
    ...["'", '"', '$', ';', '\t', '\n', '\x7f', 'lock', '☃', '@{'],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
      const ref = `refs/heads/${pieces.join('')}`;
      const { status } = await runGit(tmpdir(), ['check-ref-format', ref]);
      expect(isRefName(ref), JSON.stringify(ref)).toBe(status === 0);
    }),
    { numRuns: 150 },
  );
});

test('refs that may be pushed', () => {
  for (const ref of ['refs/heads/main', 'refs/tags/v1', 'refs/notes/commits', "refs/heads/it's"]) {
    expect(refusedRef(ref), ref).toBeNull();
  }
  for (const ref of [
    ...['refs/heads/-x', 'refs/heads/HEAD', `refs/heads/${'a'.repeat(40)}`, 'refs/pull/1/head'],
    ...[
      'refs/heads/a\uFFFD',
      `refs/heads/${'x'.repeat(240)}`,
      'refs/heads/a b',
      'HEAD',
      'refs/heads/',
    ],
  ]) {
    expect(refusedRef(ref), ref).not.toBeNull();
  }
});

test('paths of smart HTTP, with and without .git; nothing else, no way out of the directory', () => {
  expect(parseGitPath('/default/app.git/info/refs?service=git-upload-pack')).toEqual({
    slug: 'default/app',
    resource: 'info/refs',
    isPush: false,
  });
  expect(parseGitPath('/o.x/a-b/info/refs?service=git-receive-pack')?.isPush).toBe(true);
  expect(parseGitPath('/default/app.git/git-receive-pack')).toEqual({
    slug: 'default/app',
    resource: 'git-receive-pack',
    isPush: true,
  });
  for (const url of [
    ...[
      '/default/app.git/info/refs',
      '/default/app.git/HEAD',
      '/default/app.git/objects/info/packs',
    ],
    ...['/../app/git-upload-pack', '/%2e%2e/app/git-upload-pack', '/a/b/c/git-upload-pack', '/'],
    ...['/default/app.git/git-upload-pack/..', '/-x/app/git-upload-pack', '//app/git-upload-pack'],
  ]) {
    expect(parseGitPath(url), url).toBeNull();
  }
  expect(isSlug('a/b.git')).toBe(false);
  expect(isSlug('a/..')).toBe(false);
});
