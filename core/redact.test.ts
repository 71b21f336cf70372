import { Buffer } from "node:buffer";
import { Console } from "node:console";
import { PassThrough } from "node:stream";
import { format, inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { sample, thrown } from "../testing/core/samples.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";

const content = sample(16);
const needles = [
  Buffer.from(content).toString("latin1"),
  Buffer.from(content).toString("hex"),
  Buffer.from(content).toString("base64").slice(0, 20),
  [...content].slice(0, 4).join(","),
  [...content].slice(0, 4).join(", "),
  [...content.subarray(0, 3)].map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
];

function printed(value: unknown): string {
  const stdout = new PassThrough();
  const console = new Console({ stdout });
  console.log(value);
  console.dir(value, { showHidden: true, depth: null });
  console.table([value]);
  return String(stdout.read());
}

const PRINTERS: Readonly<Record<string, (value: object) => string>> = {
  "String()": (value) => String(value),
  "a template literal": (value) => `${value}`,
  "the + operator": (value) => (value as unknown as string) + String(Number(value)),
  "toLocaleString()": (value) => value.toLocaleString(),
  "JSON.stringify": (value) => `${JSON.stringify(value)}${JSON.stringify({ deep: [value] })}`,
  "util.inspect": (value) =>
    `${inspect(value)}${inspect({ deep: [value], map: new Map([[value, value]]) })}`,
  "util.inspect with showHidden and showProxy": (value) =>
    inspect(value, { showHidden: true, showProxy: true, getters: true, depth: null }),
  "util.inspect without custom inspection": (value) =>
    inspect(value, { customInspect: false, showHidden: true, getters: false, depth: null }),
  "util.format": (value) => format("%s %o %O %j %d", value, value, value, value, value),
  "console.log, console.dir and console.table": printed,
  "an error message": (value) => inspect(new Error(`failed for ${value}`, { cause: value })),
};

const STATES: Readonly<Record<string, (secret: SecretBuffer, print: () => void) => void>> = {
  guarded: (_, print) => print(),
  frozen: (secret, print) => secret.freeze() && print(),
  exposed: (secret, print) => secret.expose(print),
  modifying: (secret, print) => secret.modify(print),
  destroyed: (secret, print) => {
    secret.destroy();
    print();
  },
  "destroyed inside a scope": (secret, print) =>
    secret.expose(() => {
      secret.destroy();
      print();
    }),
};

describe("a secret and its Secrets show no byte, and never throw,", () => {
  for (const [name, print] of Object.entries(PRINTERS)) {
    it(`to ${name}, in every state`, () => {
      for (const enter of Object.values(STATES)) {
        for (const memory of [new FakeMemory(), "heap"]) {
          const secrets = openSecrets({ memory });
          const secret = secrets.move(sample(16));
          enter(secret, () => {
            const look = [secret, secrets, new Proxy(secret, {}), Object.create(secret) as object];
            const types = [secret.constructor, secret.constructor.prototype, secrets.constructor];
            const methods = [secret.expose, secret.destroy, secrets.move];
            const texts = [...look, ...types, ...methods].map((value) => print(value as object));
            for (const needle of needles) expect(texts.join("\n").includes(needle)).toBe(false);
            if (!name.includes("without")) expect(texts[0]).toMatch(/redacted/);
            if (!name.includes("without")) expect(texts[1]).toMatch(/redacted/);
          });
          secrets.purge();
        }
      }
    });
  }

  it("to structuredClone, postMessage and v8.serialize", () => {
    const secrets = openSecrets();
    const secret = secrets.move(sample(16));
    const { port1, port2 } = new MessageChannel();
    secret.expose(() => {
      for (const value of [secret, secrets]) {
        port1.postMessage(value);
        const received: unknown[] = [
          structuredClone(value),
          receiveMessageOnPort(port2)?.message,
          deserialize(serialize(value)),
        ];
        for (const copy of received) expect(Reflect.ownKeys(copy as object)).toEqual([]);
      }
    });
    port1.close();
    secrets.purge();
  });

  it("to enumeration, spread and assignment", () => {
    const secrets = openSecrets();
    const secret = secrets.move(sample(16));
    for (const value of [secret, secrets]) {
      const inherited: string[] = [];
      for (const key in value) inherited.push(key);
      expect([Reflect.ownKeys(value), inherited, { ...value }]).toEqual([[], [], {}]);
      expect(Object.getOwnPropertyDescriptors(value)).toEqual({});
    }
    secrets.purge();
  });
});

describe("the redacted text", () => {
  it("tells length and state and nothing else", () => {
    const secrets = openSecrets();
    const secret = secrets.move(sample(1));
    expect(String(secret)).toBe("SecretBuffer(1 byte, guarded, redacted)");
    expect(String(secrets)).toBe("Secrets(heap, redacted)");
    secret.destroy();
    expect(inspect(secret)).toBe("SecretBuffer(1 byte, destroyed, redacted)");
    expect(String(Object.getPrototypeOf(secret))).toBe("redacted");
  });

  it("cannot be replaced on the prototype", () => {
    const prototype: object = Object.getPrototypeOf(openSecrets().random(1));
    for (const key of ["toString", "toJSON", Symbol.toPrimitive, inspect.custom]) {
      expect(Reflect.set(prototype, key, () => "other")).toBe(false);
      expect(Reflect.defineProperty(prototype, key, { value: () => "other" })).toBe(false);
    }
  });

  it("is the only thing that an error of a secret says", () => {
    const secrets = openSecrets();
    const secret = secrets.move(sample(16));
    const errors = [
      thrown(() => secret.modify(() => secret.expose(() => undefined))),
      thrown(() => secret.slice(3, 99)),
      thrown(() => secrets.decode(sample(16), "hex")),
      thrown(() => secrets.move([...sample(16)] as never)),
    ];
    for (const error of errors) {
      const text = inspect(error, { showHidden: true });
      for (const needle of needles) expect(text.includes(needle)).toBe(false);
      expect("cause" in error).toBe(false);
    }
    secrets.purge();
  });
});
