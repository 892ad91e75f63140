import assert from 'node:assert/strict';
import { test } from 'node:test';
import { page } from '../page.js';

test('says which commit it is', () => {
  assert.match(page({ GIT_COMMIT: 'abc' }), /<code>abc<\/code>/);
});

test('shows names as text', () => {
  assert.doesNotMatch(page({ STAGE: '<script>' }), /<script>/);
});
