import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChanges, type NumberedChange } from './changes.ts';

const change = (id: string) => ({ kind: 'build' as const, id, application: null });

describe('the ring of changes', () => {
  test('numbers rise strictly, and a listener hears each once', () => {
    const changes = createChanges();
    const heard: NumberedChange[] = [];
    const off = changes.on((one) => heard.push(one));
    for (const id of ['a', 'b', 'a']) changes.emit(change(id));
    off();
    changes.emit(change('c'));
    expect(heard.map(({ number, id }) => [number, id])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
    ]);
    expect(changes.lastId()).toBe(changes.idOf(4));
  });

  test('an id of another server, of the future or of no server is unknown', () => {
    const changes = createChanges();
    changes.emit(change('a'));
    expect(changes.since(createChanges().lastId())).toBeNull();
    expect(changes.since(changes.idOf(2))).toBeNull();
    for (const nonsense of ['', '-', '1', 'x-1', `${changes.lastId()}x`, '__proto__-1']) {
      expect(changes.since(nonsense)).toBeNull();
    }
    expect(changes.since(changes.lastId())).toEqual([]);
  });

  test('a watcher that comes back hears exactly what it missed, or that nobody knows', () => {
    const emit = fc.record({ do: fc.constant('emit' as const), id: fc.nat(5) });
    const cut = fc.record({ do: fc.constant('cut' as const), away: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(fc.oneof(emit, cut), { maxLength: 80 }), (acts) => {
        const changes = createChanges(8);
        const truth: number[] = [];
        let place = changes.lastId();
        let heard: number[] = [];
        let from = 0;
        let number = 0;
        const say = (id: number) => {
          number += 1;
          truth.push(number);
          changes.emit(change(String(id)));
        };
        let off = changes.on(({ number: n }) => {
          heard.push(n);
          place = changes.idOf(n);
        });
        for (const act of acts) {
          if (act.do === 'emit') {
            say(act.id);
            continue;
          }
          off();
          for (let missed = 0; missed < act.away; missed += 1) say(missed);
          const back = changes.since(place);
          expect(back === null).toBe(act.away > 8);
          if (back === null) {
            // Reads everything again: what came before is no concern any more.
            from = number;
            heard = [];
          } else heard.push(...back.map((one) => one.number));
          place = changes.lastId();
          off = changes.on(({ number: n }) => {
            heard.push(n);
            place = changes.idOf(n);
          });
        }
        off();
        expect(heard).toEqual(truth.slice(from));
      }),
    );
  });
});
