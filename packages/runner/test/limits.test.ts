import { describe, expect, it } from 'vitest';
import { useMachine, zoo } from './support/machine.ts';
import { payloadOf } from './support/payload.ts';

const machine = useMachine({ memoryBytes: 400 * 1024 ** 2, processes: 150 });

describe('limits (spec/travis.md 5.7)', () => {
  it('errors a job that is silent for too long', async () => {
    const job = await machine.run(
      payloadOf(
        { script: ['echo start; sleep 1000'], after_failure: ['echo never'] },
        { limits: { silenceMs: 400 } },
      ),
    );
    expect(job).toMatchObject({ state: 'errored', verdicts: ['errored'] });
    expect(job.plain).toContain('No output has been received in the last 0.4 seconds');
    expect(job.reason).toContain('No output');
    expect(job.plain).not.toMatch(/^never$/m);
  });

  it('does not mistake a job that speaks now and then for a silent one', async () => {
    const job = await machine.run(
      payloadOf(
        { script: ['for i in 1 2 3 4 5 6; do sleep 0.3; echo $i; done'] },
        { limits: { silenceMs: 1_500 } },
      ),
    );
    expect(job.state).toBe('passed');
  });

  it('errors a job that takes too long, however talkative', async () => {
    const job = await machine.run(
      payloadOf(
        { script: ['while :; do echo talk; sleep 0.05; done'] },
        { limits: { totalMs: 700 } },
      ),
    );
    expect(job.state).toBe('errored');
    expect(job.plain).toContain('longer than the maximum time of 0.7 seconds');
  });

  it('errors a job whose log is too long, and keeps no more of it', async () => {
    const job = await machine.run(
      payloadOf({ script: [`${zoo}/flood.sh`] }, { limits: { logBytes: 200_000 } }),
    );
    expect(job.state).toBe('errored');
    expect(job.plain).toContain('exceeded the maximum log length of 200000 bytes');
    expect(job.log.length).toBeLessThan(300_000);
  });

  it('has only its own limit after the verdict, which keeps the verdict', async () => {
    const job = await machine.run(
      payloadOf(
        { script: ['true'], after_success: ['sleep 1.2; echo patient', 'sleep 1000'] },
        { limits: { silenceMs: 600, totalMs: 900, afterVerdictMs: 2_500 } },
      ),
    );
    expect(job.plain).toMatch(/^patient$/m);
    expect(job).toMatchObject({ state: 'passed', verdicts: ['passed'] });
    expect(job.plain).toContain('What runs after the test took longer than');
  });

  it('ends deaf processes and their children', async () => {
    const job = await machine.run(
      payloadOf({ script: [`${zoo}/deaf.sh`] }, { limits: { silenceMs: 500 } }),
    );
    expect(job.state).toBe('errored');
  });

  it('lets a memory hog fail, not the machine', async () => {
    const job = await machine.run(payloadOf({ script: [`python3 ${zoo}/hog.py`] }));
    expect(['failed', 'errored']).toContain(job.state);
    expect(job.plain).not.toContain('hog got everything');
  });

  it('ends a job whose processes together use too much', async () => {
    const job = await machine.run(
      payloadOf({
        script: [
          'for i in 1 2 3 4 5 6; do python3 -c "import time; b = bytearray(120 * 1024 * 1024); time.sleep(60)" & done; wait',
        ],
      }),
    );
    expect(job.state).toBe('errored');
    expect(job.plain).toContain('MB of memory, its limit here');
  });

  it('bounds a fork bomb', async () => {
    const job = await machine.run(
      payloadOf({ script: [`python3 ${zoo}/fork-bomb.py`] }, { limits: { totalMs: 25_000 } }),
    );
    const stopped = Number(/stopped at (\d+) by/.exec(job.plain)?.[1]);
    expect(stopped).toBeGreaterThan(10);
    expect(stopped).toBeLessThan(150);
  });

  it('passes on bytes that are no text, and lines without an end', async () => {
    const job = await machine.run(payloadOf({ script: [`python3 ${zoo}/garbage.py`] }));
    expect(job.state).toBe('passed');
    expect(job.plain).toContain('end of garbage');
    expect(job.log.length).toBeGreaterThan(3_000_000);
  });

  it('is canceled by a user before the verdict', async () => {
    const cancel = new AbortController();
    const job = await machine.run(payloadOf({ script: ['echo ready; sleep 1000'] }), {
      signal: cancel.signal,
      onLog: (log) => {
        if (log.includes('\nready\n')) cancel.abort({ kind: 'canceled' });
      },
    });
    expect(job).toMatchObject({ state: 'canceled', verdicts: [] });
  });
});
