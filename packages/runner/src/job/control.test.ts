import { duplexPair, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ControlMessage, parseMessage, serveControl } from './control.ts';

describe('the line between a job and its runner', () => {
  it('understands what the prelude says', () => {
    expect(parseMessage('phase before_install')).toEqual({
      kind: 'phase',
      phase: 'before_install',
    });
    expect(parseMessage('verdict passed')).toEqual({ kind: 'verdict', verdict: 'passed' });
    expect(parseMessage('stop The command "a b" failed')).toEqual({
      kind: 'stop',
      reason: 'The command "a b" failed',
    });
    expect(parseMessage('toolchain node lts/* x')).toEqual({
      kind: 'toolchain',
      tool: 'node',
      version: 'lts/* x',
    });
    expect(parseMessage('verdict errored')).toBeNull();
    expect(parseMessage('')).toBeNull();
  });

  it('is not upset by anything a job may send, in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (pieces) => {
        const line = new PassThrough();
        const seen: ControlMessage[] = [];
        serveControl(line, (message) => {
          seen.push(message);
          return null;
        });
        for (const piece of pieces) line.write(piece);
        line.end('\nphase done\n');
        await new Promise((resolve) => line.once('end', resolve));
        await new Promise((resolve) => setImmediate(resolve));
        expect(seen.at(-1)).toEqual({ kind: 'phase', phase: 'done' });
      }),
      { numRuns: 100 },
    );
  });

  it('answers in turn', async () => {
    const [job, runner] = duplexPair();
    serveControl(runner, async (message) => {
      if (message.kind !== 'verdict') return null;
      if (message.verdict === 'passed') await new Promise((resolve) => setTimeout(resolve, 20));
      return message.verdict;
    });
    job.setEncoding('utf8');
    let answers = '';
    const two = new Promise<void>((resolve) => {
      job.on('data', (text: string) => {
        answers += text;
        if (answers.split('\n').length === 3) resolve();
      });
    });
    job.write('verdict passed\nphase x\nverdict failed\n');
    await two;
    expect(answers).toBe('passed\nfailed\n');
  });
});
