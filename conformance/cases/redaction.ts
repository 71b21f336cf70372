import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { CheckError, check, same } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { HAS_CHANNELS, isEmpty, posted } from "./carrying.ts";
import { inspectors } from "./inspectors.ts";
import { sample } from "./samples.ts";

/**
 * Output that shows nothing. Text is compared between secrets of equal length and state that hold
 * different bytes: when it is the same, nothing of the bytes is in it, however it might be encoded.
 */
export const REDACTION: readonly ConformanceCase[] = [
  {
    id: "R1",
    title: "in every state, every text made of a secret is the same whatever bytes it holds",
    run(trial) {
      const secrets = trial.secrets();
      const found = inspectors();
      const texts = (secret: SecretBuffer): readonly string[] =>
        found.map(([, text]) => text(secret));
      for (const [state, textsIn] of IN_STATES) {
        const [zeros, ...others] = CONTENTS.map((content) =>
          textsIn(make(secrets, content), texts),
        );
        for (const other of others) {
          found.forEach(([name], index) => {
            same(other[index], zeros?.[index] as string, `text by ${name} of a ${state} secret`);
          });
        }
      }
      trial.saw(`${found.length} ways: ${found.map(([name]) => name).join(", ")}`);
    },
  },
  {
    id: "R2",
    title: "enumeration of a secret, of its Secrets and of an error of theirs finds no bytes",
    run(trial) {
      const secrets = trial.secrets();
      const secret = make(secrets, sample(32));
      for (const value of [secret, secrets]) {
        same(Reflect.ownKeys(value).length, 0, "number of own keys");
        same(Object.keys({ ...value }).length, 0, "number of spread keys");
        for (const key in value) check(false, `enumeration finds ${key}`);
      }
      const { stats, passedOver } = secrets;
      check(Object.isFrozen(stats), "stats are not frozen");
      check(Array.isArray(passedOver), "passedOver is not an array");
    },
  },
  {
    id: "R3",
    title: "structuredClone and postMessage of a secret carry nothing, in every state",
    async run(trial) {
      const secrets = trial.secrets();
      const secret = make(secrets, sample(32));
      const refusedOrEmpty = (carry: () => unknown, what: string): void => {
        try {
          const carried = carry();
          check(isEmpty(carried), `${what} carried something`);
          trial.saw(`${what} carried nothing`);
        } catch (error) {
          if (error instanceof CheckError) throw error;
          check((error as Error).name === "DataCloneError", `${what} threw ${error}`);
          trial.saw(`${what} was refused`);
        }
      };
      refusedOrEmpty(() => structuredClone(secret), "structuredClone of a guarded secret");
      refusedOrEmpty(() => structuredClone(secrets), "structuredClone of Secrets");
      secret.expose(() =>
        refusedOrEmpty(() => structuredClone({ secret }), "structuredClone of an exposed secret"),
      );
      if (HAS_CHANNELS) {
        check(isEmpty(await posted(secret)), "postMessage carried something");
        trial.saw("postMessage carried nothing");
      } else trial.saw("this runtime has no MessageChannel");
      secret.destroy();
      refusedOrEmpty(() => structuredClone([secret]), "structuredClone of a destroyed secret");
    },
  },
  {
    id: "R4",
    title: "every error of a secret is the same whatever bytes it holds, and has no cause",
    run(trial) {
      const secrets = trial.secrets();
      const [first, ...others] = CONTENTS.map((content) => errorsOf(secrets, content));
      for (const errors of others) {
        errors.forEach((error, index) => {
          same(error.message, first?.[index]?.message as string, "message");
        });
      }
      for (const error of first ?? []) {
        check(!("cause" in error), `"${error.message}" has a cause`);
        for (const key of Reflect.ownKeys(error)) {
          const kind = typeof Reflect.get(error, key);
          check(kind === "string" || kind === "number", `an error has ${String(key)}, a ${kind}`);
        }
      }
    },
  },
];

const CONTENTS = [new Uint8Array(32), sample(32), sample(32, 97), new Uint8Array(32).fill(0xff)];

function make(secrets: Secrets, content: Uint8Array): SecretBuffer {
  const secret = secrets.allocate(content.length);
  secret.modify((bytes) => bytes.set(content));
  return secret;
}

type TextsIn = (
  secret: SecretBuffer,
  texts: (secret: SecretBuffer) => readonly string[],
) => readonly string[];

const IN_STATES: readonly (readonly [string, TextsIn])[] = [
  ["guarded", (secret, texts) => texts(secret)],
  ["exposed", (secret, texts) => secret.expose(() => texts(secret))],
  ["modified", (secret, texts) => secret.modify(() => texts(secret))],
  ["frozen", (secret, texts) => texts(secret.freeze())],
  [
    "destroyed",
    (secret, texts) => {
      secret.destroy();
      return texts(secret);
    },
  ],
];

function errorsOf(secrets: Secrets, content: Uint8Array): readonly Error[] {
  const secret = make(secrets, content);
  const nothing = (): void => undefined;
  const errors = [
    caught(() => secret.slice(0, 99)),
    caught(() => secret.equals("text" as never)),
    caught(() => secret.expose(() => secret.modify(nothing))),
    caught(() => secret.modify(() => secret.expose(nothing))),
    caught(() => secret.freeze().modify(nothing)),
    caught(() => secrets.decode(content.slice(), "base64")),
  ];
  secret.destroy();
  return [...errors, caught(() => secret.expose(nothing))];
}

function caught(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("A refused call was accepted");
}
