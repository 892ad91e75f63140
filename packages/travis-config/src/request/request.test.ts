import { describe, expect, test } from 'vitest';
import { isBranchBuilt } from './branches.ts';
import { hasSkipWord } from './skip.ts';

describe('spec 12: branches', () => {
  test.each<[string, Parameters<typeof isBranchBuilt>[0], boolean]>([
    ['master', undefined, true],
    ['gh-pages', undefined, false],
    ['gh-pages', { except: ['dev'] }, false],
    ['gh-pages', { only: ['gh-pages'] }, true],
    ['gh-pages', { only: ['/.*/'] }, true],
    ['master', { only: ['master'] }, true],
    ['Master', { only: ['master'] }, false],
    ['dev', { only: ['master'] }, false],
    ['dev', { only: [] }, true],
    ['dev', { except: ['dev'] }, false],
    ['dev', { only: ['dev'], except: ['dev'] }, true],
    ['release-1', { only: ['/^release/'] }, true],
    ['my-release', { only: ['/release/'] }, true],
    ['v1.2.3', { only: ['/^v\\d+\\.\\d+(\\.\\d+)?(-\\S*)?$/'] }, true],
    ['FEATURE', { except: ['/(?i:feature)/'] }, false],
    ['x', { only: ['/[/'] }, false],
    ['x', { except: ['/[/'] }, true],
    ['/x', { only: ['/x'] }, true],
    ['master', { only: ['/MASTER/i'] }, false],
  ])('%s with %j: %s', (name, branches, expected) => {
    expect(isBranchBuilt(branches, name)).toBe(expected);
  });
});

describe('spec 12: skip words', () => {
  test.each<[string, boolean]>([
    ['[ci skip]', true],
    ['Fix\n\n[skip ci]', true],
    ['[CI SKIP]', true],
    ['text [travis skip] text', true],
    ['[skip travis]', true],
    ['[skip travis ci]', true],
    ['[travis-ci skip]', true],
    ['[skip travisci]', true],
    ['ci skip', false],
    ['[skip]', false],
    ['[ci  skip]', false],
    ['[skip circle]', false],
    ['[ci skip', false],
    ['', false],
  ])('%j: %s', (message, expected) => {
    expect(hasSkipWord(message)).toBe(expected);
  });
});
