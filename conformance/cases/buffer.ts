import { check, refused, same, sameBytes, zero } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { record } from "./recording.ts";
import { read, SIZES, sample, write } from "./samples.ts";
import { SCOPE_ENDINGS } from "./scope_endings.ts";

/** Where the bytes can be reached, and for how long. B1 to B4 are those of `core/contract/secret_buffer.ts`. */
export const BUFFER: readonly ConformanceCase[] = [
  {
    id: "B1",
    title: "a secret has no property and no method but its scopes that leads to its bytes",
    run(trial) {
      const secrets = trial.secrets();
      const secret = secrets.allocate(32);
      write(secret);
      for (let at: object | null = secret; at !== null; at = Object.getPrototypeOf(at)) {
        for (const key of Reflect.ownKeys(at)) {
          const descriptor = Object.getOwnPropertyDescriptor(at, key);
          if (descriptor?.get === undefined || key === "__proto__") continue;
          check(!leadsToBytes(Reflect.get(at, key, secret)), `${String(key)} leads to bytes`);
        }
      }
      same(Reflect.ownKeys(secret).length, 0, "number of own properties");
      check(!Reflect.has(secret, "buffer"), "a secret has a buffer");
    },
  },
  {
    id: "B2",
    title: "a view that escaped its scope is empty, however the scope ended",
    rests: ["M6"],
    async run(trial) {
      const secrets = trial.secrets();
      for (const size of SIZES) {
        const secret = secrets.allocate(size);
        for (const [ending, end] of SCOPE_ENDINGS) {
          for (const scope of ["expose", "modify"] as const) {
            const target = ending.startsWith("destroy") ? secret.clone() : secret;
            const views: ArrayBufferView[] = [];
            await end(target, scope, (bytes) => {
              views.push(bytes, bytes.subarray(0, 1), new Uint8Array(bytes.buffer));
            });
            for (const view of views) {
              same(
                view.byteLength,
                0,
                `length of a view of ${size} bytes after ${scope} ${ending}`,
              );
              same(view.buffer.byteLength, 0, "length of its buffer");
            }
          }
        }
        secret.destroy();
      }
    },
  },
  {
    id: "B3",
    title: "the view is detached and the pages are closed before control returns to the caller",
    rests: ["M6", "B2"],
    async run(trial) {
      const { memory, last } = record(trial.memory);
      const secrets = trial.secrets({ memory });
      for (const [ending, end] of SCOPE_ENDINGS) {
        for (const scope of ["expose", "modify"] as const) {
          const secret = secrets.allocate(32);
          const entry = last();
          const expected = scope === "expose" ? "read-only" : "read-write";
          await end(secret, scope, () =>
            same(entry.protection, expected, `protection in ${scope}`),
          );
          same(entry.lent, false, `a view is lent after ${scope} ${ending}`);
          same(entry.protection, "no-access", `protection after ${scope} ${ending}`);
          secret.destroy();
        }
      }
      const secret = secrets.random(32);
      for (const made of [secret, secret.clone(), secrets.encode(secret, "hex"), secret.slice(1)]) {
        same(made.state, "guarded", "state");
        same(last().protection, "no-access", "protection of a new secret");
      }
    },
  },
  {
    id: "B4",
    title: "`destroy` wipes, detaches, closes and releases, in this order, before it returns",
    run(trial) {
      const { memory, last } = record(trial.memory);
      const secrets = trial.secrets({ memory });
      const secret = secrets.allocate(32);
      write(secret);
      last().steps.length = 0;
      secret.destroy();
      const order = ["wipe", "detach", "no-access", "release"];
      const steps = last().steps.filter((step) => order.includes(step));
      same(steps.join(", "), order.join(", "), "steps of destroy");
      const dropped = secrets.allocate(32);
      secrets.purge();
      same(dropped.state, "destroyed", "state after purge");
      same(last().released, true, "released by purge");
    },
  },
  {
    id: "B5",
    title: "what `modify` wrote every later `expose` reads",
    rests: ["M3", "M11"],
    run(trial) {
      const secrets = trial.secrets();
      const held = SIZES.map((size) => secrets.allocate(size));
      for (const round of [1, 2]) {
        held.forEach((secret, index) => {
          write(secret, round * 10 + index);
        });
        held.forEach((secret, index) => {
          const expected = sample(secret.byteLength, round * 10 + index);
          sameBytes(read(secret), expected, `a secret of ${secret.byteLength} bytes`);
          sameBytes(read(secret), expected, "the same in a second scope");
        });
      }
    },
  },
  {
    id: "B6",
    title: "a scope takes a function and nothing else, and a refused one changes nothing",
    rests: ["M1"],
    run(trial) {
      const secret = trial.secrets().allocate(32);
      for (const use of [undefined, null, "text", {}, []]) {
        refused("TypeError", "expose", () => secret.expose(use as never));
        refused("TypeError", "modify", () => secret.modify(use as never));
      }
      same(secret.state, "guarded", "state");
      secret.expose((bytes) => zero(bytes, "the secret"));
    },
  },
];

function leadsToBytes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  return Reflect.ownKeys(value).some((key) => leadsToBytes(Reflect.get(value, key)));
}
