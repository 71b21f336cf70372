// What a cache of file keys must do, in plain lists: nothing of it is shared with the sources.
import { expect } from "vitest";
import type { CacheLimits } from "../../../features/key_cache/types.ts";
import { settle } from "../rotation/fake_clock.ts";
import { CacheStage, type Ending, stanzaOf } from "./cache_world.ts";

/** What may happen. */
type StepName =
  | "ask"
  | "ask without room"
  | "answer"
  | "refuse"
  | "fail"
  | "advance"
  | "set the time"
  | "purge"
  | "close";

/** A step of a history; `pick` chooses among what is there. */
export interface CacheStep {
  readonly what: StepName;
  readonly pick: number;
}

interface Question {
  readonly number: number;
  readonly name: number;
  readonly at: readonly [monotonic: number, wall: number];
  readonly calls: { readonly call: number; readonly fails: boolean }[];
}

interface Kept {
  readonly name: number;
  readonly question: number;
  readonly at: Question["at"];
  left: number;
}

const NAMES = 4;
const JOINED_FOR = 10_000;

/** A stage, and the lists that say what it must do. */
export class CacheModel {
  readonly stage: CacheStage;
  readonly limits: CacheLimits;
  /** From the one that was used least recently on. */
  kept: Kept[] = [];
  questions: Question[] = [];
  readonly expected: Ending[] = [];
  asked = 0;
  isClosed = false;

  constructor(limits: CacheLimits) {
    this.limits = limits;
    this.stage = new CacheStage(limits);
  }

  get now(): Question["at"] {
    const { clock } = this.stage;
    return [clock.monotonic(), clock.wall()];
  }

  age([monotonic, wall]: Question["at"]): number {
    return Math.max(this.now[0] - monotonic, this.now[1] - wall);
  }

  /** What the wrapper has not answered yet, by the choice of a step. */
  pending(pick: number): Question | undefined {
    return this.questions[pick % (this.questions.length || 1)];
  }

  close(question: Question): void {
    this.questions = this.questions.filter((other) => other !== question);
  }

  async run(steps: readonly CacheStep[]): Promise<void> {
    for (const { what, pick } of steps) {
      await STEPS[what](this, pick);
      await settle();
      this.check(what);
    }
    this.stage.end();
  }

  check(what: string): void {
    expect(this.stage.endings, what).toEqual(this.expected);
    expect(this.stage.inner.asked, what).toBe(this.asked);
    const { live, sealed } = this.stage.secrets.stats;
    expect(live, what).toBe(0);
    expect(sealed).toBeLessThanOrEqual(this.limits.entries);
    // Too old by the time of day alone: it is not given, and destroyed when its timer rings.
    const inTime = this.kept.filter(({ at }) => this.now[0] - at[0] < this.limits.maxAge);
    const usable = this.kept.filter(({ at }) => this.age(at) < this.limits.maxAge);
    expect(sealed, what).toBeLessThanOrEqual(inTime.length);
    expect(sealed, what).toBeGreaterThanOrEqual(usable.length);
  }
}

function ask(model: CacheModel, name: number, fails: boolean): void {
  const { stage, limits } = model;
  const refuse = (): never => {
    throw new Error("no room");
  };
  const call = stage.ask([stanzaOf(name)], fails ? refuse : stage.land);
  model.expected[call] = undefined;
  if (model.isClosed) {
    model.expected[call] = "ERR_LETHE_DESTROYED";
    return;
  }
  const found = model.kept.find((key) => key.name === name);
  model.kept = model.kept.filter((key) => key !== found);
  if (found !== undefined && model.age(found.at) < limits.maxAge) {
    found.left -= 1;
    model.expected[call] = fails ? "no room" : found.question;
    if (found.left > 0 && !fails) model.kept.push(found);
    return;
  }
  const last = model.questions.findLast((question) => question.name === name);
  const isOpen =
    last !== undefined &&
    last.calls.length < limits.uses &&
    model.age(last.at) < Math.min(JOINED_FOR, limits.maxAge);
  if (isOpen) last.calls.push({ call, fails });
  else {
    const calls = [{ call, fails }];
    model.questions.push({ number: model.asked, name, at: model.now, calls });
    model.asked += 1;
  }
}

function settleAt(model: CacheModel, question: Question, how: "answer" | "refuse" | "fail"): void {
  const { pending } = model.stage.inner;
  const at = pending.findIndex((each) => each.question === question.number);
  pending.splice(at, 1)[0]?.[how]();
}

const STEPS: Readonly<Record<StepName, (model: CacheModel, pick: number) => void | Promise<void>>> =
  {
    ask: (model, pick) => ask(model, pick % NAMES, false),
    "ask without room": (model, pick) => ask(model, pick % NAMES, true),
    answer(model, pick) {
      const question = model.pending(pick);
      if (question === undefined) return;
      const { number, name, at, calls } = question;
      settleAt(model, question, "answer");
      model.close(question);
      if (model.isClosed) return;
      for (const { call, fails } of calls) model.expected[call] = fails ? "no room" : number;
      const left = model.limits.uses - calls.length;
      if (left === 0 || model.age(at) >= model.limits.maxAge) return;
      model.kept = model.kept.filter((key) => key.name !== name);
      model.kept.splice(0, model.kept.length - model.limits.entries + 1);
      model.kept.push({ name, question: number, at, left });
    },
    refuse(model, pick) {
      end(model, pick, "refuse", "none");
    },
    fail(model, pick) {
      end(model, pick, "fail", "out of reach");
    },
    async advance(model, pick) {
      await model.stage.advance(pick % 700);
    },
    "set the time": (model, pick) => model.stage.clock.jump((pick % 1000) - 500),
    purge(model) {
      model.stage.secrets.purge();
      model.kept = [];
    },
    close(model) {
      model.stage.cache.close();
      model.isClosed = true;
      model.kept = [];
      for (const { calls } of model.questions) {
        for (const { call } of calls) model.expected[call] = "ERR_LETHE_DESTROYED";
      }
    },
  };

function end(model: CacheModel, pick: number, how: "refuse" | "fail", ending: string): void {
  const question = model.pending(pick);
  if (question === undefined) return;
  settleAt(model, question, how);
  model.close(question);
  if (model.isClosed) return;
  for (const { call } of question.calls) model.expected[call] = ending;
}
