import type { Store } from '../store/index.ts';
import { wholeCharacters } from '../utf8.ts';

/** A piece of a stream, whole characters. */
export interface StreamPart {
  readonly offset: number;
  readonly text: string;
  readonly nextOffset: number;
  /** When it came, ms since the epoch; null for what had been there before. */
  readonly at: number | null;
}

/** Whoever watches a stream. It is given parts in order, each once, from the offset it asked for. */
export interface Watcher {
  /** Answers false when no more should be sent until `drained`. */
  write(frame: Buffer): boolean;
  /** Resolves when there is room again, or the watcher has gone. */
  drained(): Promise<void>;
  /** Nothing will follow. Called once, after the last `write`. */
  end(): void;
}

export interface Followed {
  readonly streamId: string;
  /** True when nothing will be written any more although the stream was never ended. */
  readonly isOver: () => Promise<boolean>;
  /** A channel of the event bus on which `isOver` may become true. */
  readonly channel: string;
}

export interface Follower {
  /** From `offset` on, which is 0 when the stream is shorter than that. Answers how to stop watching. */
  follow(log: Followed, offset: number, watcher: Watcher): Promise<() => void>;
  /** Streams that are watched now. */
  readonly watched: number;
}

const PART_BYTES = 65_536;
/** Appends that come closer together than this are sent as one. */
const PAUSE_MS = 50;

/** Somebody who watches; `offset` is the next byte to send. */
interface Seat {
  readonly watcher: Watcher;
  offset: number;
  gone: boolean;
}

/**
 * One for each stream that is watched. Those at its tip get the same bytes: one read and one encoding for all of them.
 * Who falls behind reads the file at a pace of their own until the tip is reached, so nothing piles up in memory.
 */
interface Channel {
  readonly log: Followed;
  tip: number;
  ended: boolean;
  readonly atTip: Set<Seat>;
  readonly seats: Set<Seat>;
  /** Something may have changed since the last look. */
  woken: boolean;
  pumping: boolean;
  close(): void;
}

export function createFollower(
  { logs, events }: Pick<Store, 'logs' | 'events'>,
  encode: (part: StreamPart) => Buffer,
  now: () => number = Date.now,
): Follower {
  const channels = new Map<string, Channel>();

  const leave = (channel: Channel, seat: Seat) => {
    seat.gone = true;
    channel.atTip.delete(seat);
    channel.seats.delete(seat);
    if (channel.seats.size > 0 || channels.get(channel.log.streamId) !== channel) return;
    channels.delete(channel.log.streamId);
    channel.close();
  };

  const finish = (channel: Channel, seat: Seat) => {
    if (seat.gone) return;
    leave(channel, seat);
    seat.watcher.end();
  };

  /** Sends what a seat has missed, then sets it among those at the tip. */
  const catchUp = async (channel: Channel, seat: Seat) => {
    while (!seat.gone) {
      if (seat.offset >= channel.tip) {
        if (channel.ended) finish(channel, seat);
        else channel.atTip.add(seat);
        return;
      }
      const { tip } = channel;
      const wanted = Math.min(PART_BYTES, tip - seat.offset);
      const { bytes } = await logs.read(channel.log.streamId, seat.offset, wanted);
      if (seat.gone) return;
      const { text, length } = wholeCharacters(bytes, seat.offset + bytes.length >= tip);
      // The stream was removed.
      if (length === 0) return finish(channel, seat);
      const { offset } = seat;
      seat.offset += length;
      const frame = encode({ offset, text, nextOffset: seat.offset, at: null });
      if (!seat.watcher.write(frame)) await seat.watcher.drained();
    }
  };

  /** Gives a seat at the tip what has come; one that cannot take it, or is ahead of it, goes on by itself. */
  const send = (channel: Channel, seat: Seat, offset: number, frame: Buffer) => {
    const isThere = seat.offset === offset;
    if (isThere) {
      seat.offset = channel.tip;
      if (seat.watcher.write(frame)) return;
    }
    channel.atTip.delete(seat);
    seat.watcher
      .drained()
      .then(() => catchUp(channel, seat))
      .catch(() => finish(channel, seat));
  };

  /** Goes on until the tip is the end of the stream. */
  const advance = async (channel: Channel) => {
    const { log } = channel;
    // Asked once there is nothing left to read, and then read once more.
    let over = false;
    for (;;) {
      const { bytes, size, ended } = await logs.read(log.streamId, channel.tip, PART_BYTES);
      const isLast = (ended || over) && channel.tip + bytes.length >= size;
      const { text, length } = wholeCharacters(bytes, isLast);
      if (length > 0) {
        const offset = channel.tip;
        channel.tip += length;
        const frame = encode({ offset, text, nextOffset: channel.tip, at: now() });
        for (const seat of channel.atTip) send(channel, seat, offset, frame);
      }
      if (isLast && channel.tip >= size) {
        channel.ended = true;
        for (const seat of [...channel.atTip]) finish(channel, seat);
        return;
      }
      if (length > 0) continue;
      if (over || !(await log.isOver())) return;
      over = true;
    }
  };

  const pump = async (channel: Channel) => {
    channel.woken = true;
    if (channel.pumping) return;
    channel.pumping = true;
    try {
      while (channel.woken && !channel.ended && channel.seats.size > 0) {
        channel.woken = false;
        await advance(channel);
        await new Promise<void>((done) => setTimeout(done, PAUSE_MS));
      }
    } finally {
      channel.pumping = false;
    }
  };

  const open = async (log: Followed): Promise<Channel> => {
    const size = await logs.size(log.streamId);
    const back = Math.min(3, size);
    const { bytes } = await logs.read(log.streamId, size - back, back);
    const known = channels.get(log.streamId);
    if (known !== undefined) return known;
    const wake = () => void pump(channel).catch(() => undefined);
    const offs = [events.on(`log:${log.streamId}`, wake), events.on(log.channel, wake)];
    const channel: Channel = {
      log,
      // On the border of a character, so that the next part begins with a whole one.
      tip: size - back + wholeCharacters(bytes, false).length,
      ...{ ended: false, woken: false, pumping: false },
      atTip: new Set(),
      seats: new Set(),
      close: () => {
        for (const off of offs) off();
      },
    };
    channels.set(log.streamId, channel);
    return channel;
  };

  return {
    get watched() {
      return channels.size;
    },
    follow: async (log, wanted, watcher) => {
      const offset = wanted <= (await logs.size(log.streamId)) ? wanted : 0;
      let channel = channels.get(log.streamId) ?? (await open(log));
      // The last of the others may have left, and closed it, in the meantime.
      while (channels.get(log.streamId) !== channel) channel = await open(log);
      const seat: Seat = { watcher, offset, gone: false };
      channel.seats.add(seat);
      catchUp(channel, seat).catch(() => finish(channel, seat));
      pump(channel).catch(() => undefined);
      return () => leave(channel, seat);
    },
  };
}
