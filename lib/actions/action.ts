/**
 * An action is what a runbook step `uses:`. Three parts, none of which sends anything that changes
 * the world: `plan` writes the exact calls, `observe` reads, `judge` says what the readings mean.
 * The engine owns the loop: observe, judge, send what is ready, observe until it is so.
 */
import type * as z from 'zod';
import type { Config, Service } from '../config.ts';
import type { Receipt } from '../gateway/protocol.ts';
import type { Verdict } from '../run/verdict.ts';
import type { Facts, Guard, Plan, PlanCall, PlanStep, Text } from '../runbook/plan.ts';

/** One GET at a site, as far as it could be made. `body` is parsed JSON, or text when it is none. */
export type Reading =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: unknown;
      readonly receipt: Receipt;
    }
  | { readonly ok: false; readonly why: string };

/** Never rejects: a half that cannot be read is `ok: false`, judged as unknown. */
export type Reader = (site: string, target: string, path: string) => Promise<Reading>;

/** What `compile` gives an action. Pure: facts were read before. */
export interface PlanContext {
  readonly run: string;
  readonly step: string;
  readonly phase: PlanStep['phase'];
  readonly service: Service;
  readonly config: Config;
  readonly facts: Facts;
  /** Calls of the steps planned so far, e.g. for holes that name what an earlier step made. */
  readonly calls: readonly PlanCall[];
  /** The steps planned so far, for an action that relies on what another one proves. */
  readonly steps?: readonly PlanStep[];
  readonly undoes?: string;
}

/** A call as an action writes it; compile adds id prefix, step, phase, class, `sends`. */
export interface DraftCall {
  /** Unique in the step; the call's id becomes `<step>.<name>`. */
  readonly name: string;
  readonly site: string;
  readonly target: string;
  readonly method: PlanCall['method'];
  readonly path: string;
  readonly body?: PlanCall['body'];
  /** Ids of calls: `name` for one of this step, `<step>.<name>` for another's. */
  readonly after?: readonly string[];
  readonly guards?: readonly Guard[];
  readonly holes?: PlanCall['holes'];
  readonly creates?: PlanCall['creates'];
  /** Conditions that the gateway of the other site confirms when it grants the call. */
  readonly peerGuards?: readonly Guard[];
  readonly words: Text;
}

/** What became of the run's own intents for one call. */
export interface Mine {
  readonly attempt: number;
  readonly state: 'none' | 'intent' | 'answered' | 'refused' | 'lost' | 'void' | 'not-needed';
  /** A person asked for it to be sent again: `lost` may then become `ready`. */
  readonly retry?: boolean;
  /** When the intent was journaled (ms), if there is one. */
  readonly at?: number;
  readonly status?: number;
  /** Parsed body of the target's answer, when there was one. */
  readonly answer?: unknown;
}

/** A person's answer to a step, taken from the journal. */
export interface PersonAnswer {
  readonly person: string;
  readonly role: string;
  readonly part: 'performed' | 'witnessed' | 'confirmed' | 'declared';
  readonly text: string;
  readonly at: number;
  /** When the disaster happened (ms), of a declaration. */
  readonly occurredAt?: number;
}

/** Who changed an object, and when (ms). */
export interface Mark {
  readonly run: string;
  readonly drill: string;
  readonly at: number;
  /** Where it is so, of a change that is seen at one site. */
  readonly site?: string | undefined;
}

/** An object that an action changes, or changes back. */
export interface Marking {
  readonly name: string;
  readonly undone: boolean;
  /** The calls that change it, each where it goes to; absent = each of the step, wherever. */
  readonly by?: (call: PlanCall) => boolean;
}

/** What `observe` and `judge` know of the run. */
export interface StepView {
  readonly plan: Plan;
  readonly step: PlanStep;
  /** This step's calls. */
  readonly calls: readonly PlanCall[];
  /** By call id, for all calls of the plan. */
  readonly mine: Readonly<Record<string, Mine>>;
  readonly people: readonly PersonAnswer[];
  /**
   * When this attempt of the step started, or a person let the run go on since, and now (ms): what
   * was measured before that nobody followed.
   */
  readonly startedAt: number;
  readonly now: number;
  /** Changes Drillbook made and did not undo yet, by name of the object (`clone:<copy group>`). */
  readonly marks: Readonly<Record<string, Mark>>;
  /** Readings other steps kept in their last verdict, by step id or call id. */
  readonly readings: Readonly<Record<string, unknown>>;
}

export interface Check {
  readonly check: string;
  readonly kind: string;
  readonly expected: string;
  readonly actual: string;
  readonly verdict: 'passed' | 'failed';
}

/** By call id; a step without calls answers under its own step id. */
export interface Judgement {
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Measured checks to be journaled one by one. */
  readonly checks?: readonly Check[];
  /** Too large for a verdict: kept as evidence beside the readings, when the verdict is news. */
  readonly documents?: readonly { readonly label: string; readonly text: string }[];
  /** Objects seen changed, whatever was ordered: noted unless they are already. */
  readonly marks?: readonly { readonly name: string; readonly site?: string }[];
}

/** `path` leads into the input. */
export interface InputFault {
  readonly path: readonly string[];
  readonly what: string;
  readonly instead?: string;
}

export interface Action<Input = unknown, Observed = unknown> {
  /** As runbooks write it: `clone/split`. */
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly title: Text;
  /** Default limit of a step that names none, in ms. */
  readonly withinMs: number;
  /** How long the engine waits between two observations, in ms. */
  readonly pollMs: number;
  /** Families of facts compile must read first (lib/actions/facts.ts): bound, and classed. */
  readonly facts: readonly string[];
  /** Further families that depend on how the step is written: its `with`, expressions as they are. */
  factsFor?(written: Readonly<Record<string, unknown>>): readonly string[];
  /**
   * What flickers and is never hashed: predicates of its guards, whose limits stand in the plan and
   * are checked at the call, and limits that it judges itself.
   */
  readonly guarded?: readonly string[];
  /** What was so before the run touched it: go on and record it, or stop. */
  readonly preexisting: 'accept' | 'refuse';
  /** Changes nothing and asks nobody: a runbook may have it tried again by itself. */
  readonly repeatable?: boolean;
  /** Who may answer, for steps people do. */
  asks?(input: Input): {
    readonly role: string;
    readonly instruction: Text;
    readonly witness: boolean;
    /** What the answer has to say in words; without it no words are needed. */
    readonly proof?: Text;
    /** Asks for a declaration, which may come before the step has begun. */
    readonly declares?: true;
  };
  /** The object this action changes or changes back, so that a later run can say since when. */
  marks?(input: Input): Marking | readonly Marking[];
  /** What facts say against an input that has the right shape; told where it is written. */
  faults?(input: Input, context: PlanContext): readonly InputFault[];
  plan(input: Input, context: PlanContext): readonly DraftCall[];
  /** Reads only; the first argument is the step as compiled. */
  observe(view: StepView, input: Input, read: Reader): Promise<Observed>;
  /** Both sites in words, for a person who must say what becomes of a lost call. */
  situation?(view: StepView, read: Reader): Promise<readonly string[]>;
  /** Pure. */
  judge(observed: Observed, input: Input, view: StepView): Judgement;
}
