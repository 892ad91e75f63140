import { isRunning, type Rules } from './rules.ts';
import type {
  Answer,
  Command,
  Decided,
  Decision,
  Deployment,
  EndStatus,
  EnvironmentState,
  Facts,
  Hold,
  Live,
  Remembered,
  RuleName,
  Status,
} from './types.ts';

/** Why something happens, as it is recorded and shown. */
export interface Why {
  readonly rule: RuleName;
  readonly reason?: string | null;
  readonly reasonCode?: string | null;
}

/**
 * The working copy of one decision: the old state is never touched, every change leaves a line in
 * `decisions`. It knows how to write things down, not what is right: that is in `rules`.
 */
export class Draft {
  readonly facts: Facts;
  readonly at: number;
  readonly rules: Rules;
  nextNumber: number;
  live: Live | null;
  previousLive: Live | null;
  hold: Hold | null;
  remembered: readonly Remembered[];
  candidate: number | null;
  private readonly open: Map<number, Deployment>;
  private readonly changed = new Map<number, Deployment>();
  private readonly decisions: Decision[] = [];
  private readonly commands: Command[] = [];
  private readonly entering: { number: number; why: Why }[] = [];

  constructor(state: EnvironmentState, facts: Facts, at: number, rules: Rules) {
    this.facts = facts;
    this.at = at;
    this.rules = rules;
    this.nextNumber = state.nextNumber;
    this.live = state.live;
    this.previousLive = state.previousLive;
    this.hold = state.hold;
    this.remembered = state.remembered;
    this.candidate = state.candidate;
    this.open = new Map(state.deployments);
  }

  /** The deployment as it now is, or null when it has ended or never was. */
  find(number: number): Deployment | null {
    return this.open.get(number) ?? null;
  }

  /** All that have not ended, by acceptance number. */
  unfinished(): Deployment[] {
    return [...this.open.values()].sort((a, b) => a.number - b.number);
  }

  queued(): Deployment | null {
    return this.unfinished().find((d) => d.status === 'QUEUED') ?? null;
  }

  running(): Deployment | null {
    return this.unfinished().find((d) => isRunning(d.status)) ?? null;
  }

  /** Those that `number` superseded, directly or through others, and that have not ended (3.5). */
  carriedBy(number: number): Deployment[] {
    const carried: Deployment[] = [];
    for (const d of this.unfinished()) {
      let by = d.supersededBy;
      for (let hops = 0; by !== null && hops <= this.open.size; hops++) {
        if (by === number) {
          carried.push(d);
          break;
        }
        by = this.find(by)?.supersededBy ?? null;
      }
    }
    return carried;
  }

  /** Notes facts about a deployment that are no transition. */
  note(d: Deployment, patch: Partial<Deployment>): Deployment {
    const next = { ...d, ...patch };
    this.open.set(next.number, next);
    this.changed.set(next.number, next);
    return next;
  }

  /** Moves a deployment to a status that is not its end. */
  move(d: Deployment, to: Status, why: Why, patch: Partial<Deployment> = {}): Deployment {
    const from = this.changed.has(d.number) || this.open.has(d.number) ? d.status : null;
    const next = this.note(d, { ...patch, ...written(why), status: to });
    this.decide(next, from);
    return next;
  }

  /** Adds a new deployment. */
  add(d: Deployment): Deployment {
    this.nextNumber = Math.max(this.nextNumber, d.number + 1);
    const next = this.note(d, {});
    this.decide(next, null);
    return next;
  }

  /** Ends a deployment: `ended_at` and `success` in the same write. What it carried is not looked at. */
  close(d: Deployment, to: EndStatus, success: boolean, why: Why): Deployment {
    const next = { ...d, ...written(why), status: to, endedAt: this.at, success };
    this.open.delete(d.number);
    this.changed.set(d.number, next);
    this.decide(next, d.status);
    return next;
  }

  /** `d` would enter `QUEUED`; it is judged after all that this event concerns is known. */
  enter(d: Deployment, why: Why): void {
    this.entering.push({ number: d.number, why });
  }

  /** The next one to judge, or null. */
  nextEntering(): { d: Deployment; why: Why } | null {
    for (let next = this.entering.shift(); next; next = this.entering.shift()) {
      const d = this.find(next.number);
      if (d) return { d, why: next.why };
    }
    return null;
  }

  command(command: Command): void {
    this.commands.push(command);
  }

  finish(answer: Answer): Decided {
    return {
      state: {
        nextNumber: this.nextNumber,
        live: this.live,
        previousLive: this.previousLive,
        hold: this.hold,
        remembered: this.remembered,
        candidate: this.candidate,
        deployments: this.open,
      },
      changed: [...this.changed.values()].sort((a, b) => a.number - b.number),
      decisions: this.decisions,
      commands: this.commands,
      answer,
    };
  }

  private decide(d: Deployment, from: Status | null): void {
    this.decisions.push({
      number: d.number,
      from,
      to: d.status,
      rule: d.rule,
      supersededBy: d.supersededBy,
      reason: d.reason,
    });
  }
}

const written = (why: Why) => ({
  rule: why.rule,
  reason: why.reason ?? null,
  reasonCode: why.reasonCode ?? null,
});
