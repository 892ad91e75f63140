import { expect, test } from 'vitest';
import { type ReleaseFacts, type RetentionFacts, retain } from './retention.ts';

const release = (uuid: string, more: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  uuid,
  environmentUuid: 'test',
  imageUuid: `image of ${uuid}`,
  liveAt: null,
  isLive: false,
  isWanted: false,
  isOrphan: false,
  ...more,
});

const facts = (releases: ReleaseFacts[], more: Partial<RetentionFacts> = {}): RetentionFacts => ({
  keepReleases: 2,
  applicationExists: true,
  releases,
  images: [],
  ...more,
});

const at = (minute: number) => `2030-01-01T00:0${minute}:00.000Z`;

test('the releases that were live last are kept, each environment its own', () => {
  const { endedReleases, keptFor } = retain(
    facts([
      release('a1', { liveAt: at(1) }),
      release('a2', { liveAt: at(2) }),
      release('a3', { liveAt: at(3), isLive: true }),
      release('b1', { liveAt: at(1), environmentUuid: 'live', isLive: true }),
    ]),
    null,
  );
  expect(endedReleases).toEqual(['a1']);
  expect(Object.fromEntries(keptFor)).toEqual({
    'image of a2': 'rollback',
    'image of a3': 'live',
    'image of b1': 'live',
  });
});

test('what is live stays however many came after it, and so does what a deployment works with', () => {
  const { endedReleases, keptFor } = retain(
    facts([
      release('held', { liveAt: at(1), isLive: true }),
      release('wanted', { liveAt: at(2), isWanted: true }),
      release('a3', { liveAt: at(3) }),
      release('a4', { liveAt: at(4) }),
      release('new', { isWanted: true }),
      release('failed'),
    ]),
    null,
  );
  expect(endedReleases).toEqual(['failed']);
  expect(keptFor.get('image of held')).toBe('live');
  expect(keptFor.get('image of wanted')).toBe('deployment');
  expect(keptFor.get('image of new')).toBe('deployment');
  expect(keptFor.has('image of failed')).toBe(false);
});

test('releases of a removed environment end, but not under a deployment that still works with them', () => {
  const { endedReleases } = retain(
    facts([
      release('gone', { liveAt: at(1), isLive: true, isOrphan: true }),
      release('going', { liveAt: at(2), isWanted: true, isOrphan: true }),
    ]),
    null,
  );
  expect(endedReleases).toEqual(['gone']);
});

test('other environments than the named ones keep their releases', () => {
  const { endedReleases, keptFor } = retain(
    facts([release('failed'), release('other', { environmentUuid: 'live' })]),
    new Set(['test']),
  );
  expect(endedReleases).toEqual(['failed']);
  expect(keptFor.get('image of other')).toBe('rollback');
});

test('the newest images stay for another try, unless the application is gone', () => {
  const images = ['newest', 'image of a1', 'third'];
  const releases = [release('a1', { liveAt: at(1), isLive: true })];
  expect(Object.fromEntries(retain(facts(releases, { images }), null).keptFor)).toEqual({
    newest: 'newest',
    'image of a1': 'live',
  });
  const gone = facts([release('a1', { liveAt: at(1), isLive: true, isOrphan: true })], {
    images,
    applicationExists: false,
  });
  expect([...retain(gone, null).keptFor]).toEqual([]);
});
