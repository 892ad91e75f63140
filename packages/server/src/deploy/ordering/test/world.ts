import { STEP_NAMES, type StepName } from '../../pipeline-types.ts';
import { decide } from '../decide.ts';
import { ancestryKey, MissingFact, testedKey } from '../facts.ts';
import { RULES, type Rules } from '../rules.ts';
import {
  type CommitFacts,
  DEFAULT_LIMITS,
  type Decided,
  type Decision,
  type Deployment,
  EMPTY_STATE,
  type EnvironmentState,
  type Facts,
  type OrderingEvent,
  type Verdict,
} from '../types.ts';
import { Graph } from './graph.ts';

export type Claim = (before: World, event: OrderingEvent, decided: Decided, after: World) => void;

/**
 * One environment with everything around it: history, builds, a pipeline, people, time. The ordering
 * code is the real one; the world only gives it facts and carries out its commands.
 */
export class World {
  graph = new Graph();
  state: EnvironmentState = EMPTY_STATE;
  now = 1_000_000;
  gate = true;
  mirror = false;
  fetchBegan: number | null = null;
  fetchError: string | null = null;
  configVersion = 1;
  readonly verdicts = new Map<string, Verdict>();
  readonly present = new Set<string>();
  /** Pushed somewhere, but not here yet. */
  onTheWay: string[] = [];
  readonly images = new Set<string>();
  /** Everything that has ended, by number. */
  readonly ended = new Map<number, Deployment>();
  /** Commits that went live, for rollbacks. */
  releases: { releaseUuid: string; sha: string; configVersion: number }[] = [];
  /** What a person cancelled by name. */
  readonly cancelled = new Set<number>();
  /** Deployments whose order must show in what is live at the end (7, convergence). */
  contenders = new Set<number>();
  /** Deployments below this number were accepted before history was last rewritten; 0: never. */
  rewrites = 0;
  /** Deployments whose head was red: what took their place stands for them (2.6). */
  readonly redHeads = new Set<number>();
  /** How many pipelines were started. */
  starts = 0;
  readonly rules: Rules;
  readonly claims: readonly Claim[];

  constructor(claims: readonly Claim[], rules: Rules = RULES) {
    this.claims = claims;
    this.rules = rules;
  }

  clone(): World {
    const copy = new World(this.claims, this.rules);
    Object.assign(copy, {
      graph: this.graph.clone(),
      state: this.state,
      now: this.now,
      gate: this.gate,
      mirror: this.mirror,
      fetchBegan: this.fetchBegan,
      fetchError: this.fetchError,
      configVersion: this.configVersion,
      releases: [...this.releases],
      onTheWay: [...this.onTheWay],
      contenders: new Set(this.contenders),
      starts: this.starts,
      rewrites: this.rewrites,
    });
    for (const [sha, verdict] of this.verdicts) copy.verdicts.set(sha, verdict);
    for (const sha of this.present) copy.present.add(sha);
    for (const sha of this.images) copy.images.add(sha);
    for (const [number, d] of this.ended) copy.ended.set(number, d);
    for (const number of this.redHeads) copy.redHeads.add(number);
    for (const number of this.cancelled) copy.cancelled.add(number);
    return copy;
  }

  find(number: number): Deployment | null {
    return this.state.deployments.get(number) ?? this.ended.get(number) ?? null;
  }

  unfinished(): Deployment[] {
    return [...this.state.deployments.values()];
  }

  running(): Deployment | null {
    return (
      this.unfinished().find((d) => (STEP_NAMES as readonly string[]).includes(d.status)) ?? null
    );
  }

  queued(): Deployment | null {
    return this.unfinished().find((d) => d.status === 'QUEUED') ?? null;
  }

  verdict(sha: string): Verdict {
    return this.verdicts.get(sha) ?? { state: 'none' };
  }

  passed(sha: string): boolean {
    return !this.gate || this.verdict(sha).state === 'passed';
  }

  /** After a push that rewrote history, a rollback or an override only what is still open counts. */
  disrupt(): void {
    const isOpen = (number: number) => this.state.deployments.has(number);
    this.contenders = new Set([...this.contenders].filter(isOpen));
  }

  apply(event: OrderingEvent): Decided {
    const before = this.clone();
    const decided = this.decide(event);
    this.state = decided.state;
    for (const d of decided.changed) {
      if (d.endedAt !== null) this.ended.set(d.number, d);
      if (before.find(d.number) === null) this.contenders.add(d.number);
      // Final (3.5); as with SKIPPED, a merge that brings its commit to the branch later asks for nothing.
      if (
        d.endedAt !== null &&
        d.status === 'SUPERSEDED' &&
        this.graph.mergedAt(d.sha ?? '') === null
      )
        this.contenders.delete(d.number);
    }
    this.noteOverride(before);
    for (const one of decided.decisions)
      if (one.to === 'SUPERSEDED' && this.isRedHead(one)) this.redHeads.add(one.number);
    for (const command of decided.commands) if (command.kind === 'start') this.starts += 1;
    for (const claim of this.claims) claim(before, event, decided, this);
    return decided;
  }

  private isRedHead({ number, rule }: Decision): boolean {
    if (rule === 'red_head') return true;
    const d = this.find(number);
    return rule === 'stands_behind' && d !== null && d.headSignal && !this.passed(d.sha ?? '');
  }

  /** A person put something live by name: only what was asked for afterwards can be expected to win. */
  private noteOverride(before: World): void {
    const live = this.state.live;
    if (live === null || live.number === before.state.live?.number) return;
    const open = (number: number) => this.state.deployments.has(number);
    // It left the branch while it ran: that alone does not stop it (3).
    if (this.graph.mergedAt(live.sha) === null)
      this.contenders = new Set([...this.contenders].filter(open));
    const d = this.find(live.number);
    if (d && (d.allowOffBranch || d.overrideHold || d.rollbackRelease !== null))
      this.contenders = new Set([...this.contenders].filter((n) => n > d.number && open(n)));
  }

  /** Collects facts exactly as the engine does: decide, and fetch what was missing. */
  private decide(event: OrderingEvent): Decided {
    const facts = this.facts();
    for (let tries = 0; tries < 200; tries++) {
      try {
        return decide(this.state, event, facts, this.now, this.rules);
      } catch (error) {
        if (!(error instanceof MissingFact)) throw error;
        this.collect(facts, error);
      }
    }
    throw new Error('the decision keeps asking for facts');
  }

  private facts(): Facts & MutableFacts {
    return {
      repository: 'org/app',
      branch: 'main',
      mirror: this.mirror,
      gate: this.gate,
      configVersion: this.configVersion,
      fetchBegan: this.fetchBegan,
      fetchError: this.fetchError,
      commits: new Map(),
      ancestry: new Map(),
      targets: new Map([
        ['', this.graph.head === null ? NOTHING : { kind: 'commit', sha: this.graph.head }],
      ]),
      testedUpTo: new Map(),
      limits: DEFAULT_LIMITS,
    };
  }

  private collect(facts: MutableFacts, { key }: MissingFact): void {
    const { graph } = this;
    if (key.kind === 'commit') {
      const present = this.present.has(key.sha);
      facts.commits.set(key.sha, {
        present,
        mergedAt: present ? graph.mergedAt(key.sha) : null,
        verdict: this.verdict(key.sha),
        image: this.images.has(key.sha) ? 'built' : 'none',
      });
    } else if (key.kind === 'ancestry')
      facts.ancestry.set(
        ancestryKey(key.ancestor, key.descendant),
        graph.isAncestor(key.ancestor, key.descendant),
      );
    else if (key.kind === 'testedUpTo')
      facts.testedUpTo.set(
        testedKey(key.head, key.live),
        graph
          .all()
          .filter((sha) => sha === key.head || graph.isAncestor(sha, key.head))
          .filter((sha) => this.present.has(sha) && this.verdict(sha).state === 'passed'),
      );
    else throw new Error(`no such fact in this world: ${JSON.stringify(key)}`);
  }

  /** What the running pipeline does next. */
  step(status: StepName): void {
    const d = this.running();
    if (d && STEP_NAMES.indexOf(status) > STEP_NAMES.indexOf(d.status as StepName))
      this.apply({ kind: 'step', number: d.number, status });
  }

  switchOver(): void {
    const d = this.running();
    if (d && !d.switched)
      this.apply({ kind: 'switch', number: d.number, releaseUuid: `r${d.number}` });
  }

  /** The pipeline's end. It keeps its contract: cancelled before the switch, it never succeeds. */
  end(ok: boolean): void {
    const d = this.running();
    if (!d) return;
    const releaseUuid = d.rollbackRelease ?? `r${d.number}`;
    if (ok && !d.switched) {
      const { answer } = this.apply({ kind: 'switch', number: d.number, releaseUuid });
      if (answer.kind === 'switch' && !answer.committed) {
        this.end(false);
        return;
      }
    }
    const sha = d.sha ?? '';
    if (ok) {
      this.images.add(sha);
      this.releases.push({ releaseUuid, sha, configVersion: d.configVersion });
    }
    this.apply({
      kind: 'ended',
      number: d.number,
      outcome: ok
        ? { ok: true, releaseUuid }
        : { ok: false, reasonCode: 'release_command', reason: 'a release command failed' },
    });
  }
}

interface MutableFacts {
  commits: Map<string, CommitFacts>;
  ancestry: Map<string, boolean>;
  testedUpTo: Map<string, readonly string[]>;
}

const NOTHING = { kind: 'unknown', exists: [] } as const;
