import {
  LIFECYCLE_EVENTS,
  type LifecycleEvent,
  nextState,
  type SecretBuffer,
  type State,
} from "../../core/mod.ts";
import { NotRun, refused, same } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { hasDispose } from "../dispose.ts";
import { record } from "./recording.ts";
import { type Deferred, defer, write } from "./samples.ts";

/** How secrets end, one by one and all at once. */
export const ENDING: readonly ConformanceCase[] = [
  {
    id: "L6",
    title: "after every sequence of four events a secret is in the state that the table gives",
    async run(trial) {
      const secrets = trial.secrets();
      let walked = 0;
      for (let code = 0; code < LIFECYCLE_EVENTS.length ** 4; code++) {
        const events = [1, 5, 25, 125].map(
          (power) => LIFECYCLE_EVENTS[Math.floor(code / power) % 5] as LifecycleEvent,
        );
        const secret = secrets.allocate(16);
        if (await walk(secret, events)) walked += 1;
        secret.destroy();
      }
      trial.saw(`${walked} sequences of four events`);
    },
  },
  {
    id: "L7",
    title:
      "destroy inside a scope wipes and detaches at once, and closes and releases when the last scope ends",
    async run(trial) {
      const { memory, last } = record(trial.memory);
      const secrets = trial.secrets({ memory });
      for (const scope of ["expose", "modify"] as const) {
        const secret = secrets.allocate(32);
        const wait = defer();
        const pending = secret[scope](() => wait.promise);
        secret.destroy();
        same(secret.state, "destroyed", "state inside the scope");
        same(last().wiped, true, "wiped inside the scope");
        same(last().lent, false, "a view lent inside the scope");
        same(last().released, false, "released while the scope is open");
        wait.resolve();
        await pending;
        same(last().released, true, "released when the scope has ended");
        same(last().protection, "no-access", "protection when the scope has ended");
        secret.destroy();
      }
    },
  },
  {
    id: "L8",
    title: "`purge` destroys every live secret, also one with an open scope; new ones can be made",
    run(trial) {
      const secrets = trial.secrets();
      const held = [1, 32, 65, 4097].map((size) => secrets.allocate(size));
      const frozen = secrets.random(32).freeze();
      held[0]?.expose(() => {
        secrets.purge();
        for (const secret of [...held, frozen]) same(secret.state, "destroyed", "state");
      });
      same(secrets.stats.live, 0, "live after purge");
      secrets.purge();
      same(secrets.allocate(32).state, "guarded", "state of a secret made after purge");
    },
  },
  {
    id: "L9",
    title: "Symbol.dispose of a secret destroys it; of Secrets it purges, and no more are made",
    run(trial) {
      if (!hasDispose()) throw new NotRun("this runtime has no Symbol.dispose");
      const secrets = trial.secrets();
      const [first, second] = [secrets.allocate(32), secrets.allocate(32)];
      first[Symbol.dispose]();
      same(first.state, "destroyed", "state after dispose");
      same(second.state, "guarded", "state of another secret");
      secrets[Symbol.dispose]();
      same(second.state, "destroyed", "state after dispose of its Secrets");
      for (const make of ["allocate", "random"] as const) {
        refused("ERR_LETHE_DESTROYED", `${make} after dispose`, () => secrets[make](32));
      }
    },
  },
  {
    id: "L10",
    title: "Secrets are apart: purging one leaves the secrets of another",
    rests: ["M3"],
    run(trial) {
      const [one, other] = [trial.secrets(), trial.secrets()];
      const [gone, kept] = [one.allocate(32), other.allocate(32)];
      write(kept);
      one.purge();
      same(gone.state, "destroyed", "state of the purged secret");
      same(kept.state, "guarded", "state of the other's secret");
      same(other.stats.live, 1, "live of the other");
    },
  },
];

/** @returns whether each event can happen where the sequence has it */
async function walk(secret: SecretBuffer, events: readonly LifecycleEvent[]): Promise<boolean> {
  const scopes: { wait: Deferred; pending: Promise<void> }[] = [];
  let state: State = "guarded";
  let frozen = false;
  let possible = true;
  for (const event of events) {
    possible = event !== "end" || scopes.length > 0;
    if (!possible) break;
    const outcome = nextState(state, event, scopes.length, frozen);
    if (outcome.startsWith("ERR_")) {
      refused(outcome as never, events.join(", "), () => happen(secret, event));
    } else if (event === "end") {
      const ended = scopes.pop();
      ended?.wait.resolve();
      await ended?.pending;
    } else {
      const wait = happen(secret, event);
      if (wait !== null) scopes.push(wait);
      frozen ||= event === "freeze";
    }
    if (!outcome.startsWith("ERR_")) state = outcome as State;
    same(secret.state, state, `state after ${events.join(", ")}`);
  }
  for (const { wait, pending } of scopes) {
    wait.resolve();
    await pending;
  }
  return possible;
}

function happen(
  secret: SecretBuffer,
  event: LifecycleEvent,
): { wait: Deferred; pending: Promise<void> } | null {
  if (event === "freeze") secret.freeze();
  if (event === "destroy") secret.destroy();
  if (event !== "expose" && event !== "modify") return null;
  const wait = defer();
  return { wait, pending: secret[event](() => wait.promise) };
}
